package io.sink.catalog;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be told of the properties that a catalog's server gives out later, by a number.
 *
 * <p>What renews vended keys is made by Iceberg from nothing but a class's name and properties, so that the number has
 * to travel as one of these.
 */
final class VendedProperties {
    /** The property that carries the number. */
    static final String PROPERTY = "sink.given-out";

    private static final Map<String, Consumer<Map<String, String>>> TOLD = new ConcurrentHashMap<>();
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private VendedProperties() {}

    /** The number under which this one is told from here on. */
    static String register(Consumer<Map<String, String>> told) {
        String number = Integer.toString(NUMBERS.incrementAndGet());
        TOLD.put(number, told);
        return number;
    }

    /** Tells who registered the number; nobody where there is none. */
    static void tell(@Nullable String number, Map<String, String> properties) {
        Consumer<Map<String, String>> told = number == null ? null : TOLD.get(number);
        if (told != null) {
            told.accept(properties);
        }
    }
}
