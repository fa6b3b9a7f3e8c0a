package io.sink.catalog;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Listeners for the properties that a catalog's server sends later, by number.
 *
 * <p>Iceberg makes the provider that renews vended keys from nothing but the name of its class and properties, so the
 * number has to be one of these properties.
 */
final class VendedProperties {
    /** The property that carries the number. */
    static final String PROPERTY = "sink.given-out";

    private static final Map<String, Consumer<Map<String, String>>> TOLD = new ConcurrentHashMap<>();
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private VendedProperties() {}

    /** Registers a listener, and returns its number. */
    static String register(Consumer<Map<String, String>> told) {
        String number = Integer.toString(NUMBERS.incrementAndGet());
        TOLD.put(number, told);
        return number;
    }

    /** Calls the listener with this number, if there is one. */
    static void tell(@Nullable String number, Map<String, String> properties) {
        Consumer<Map<String, String>> told = number == null ? null : TOLD.get(number);
        if (told != null) {
            told.accept(properties);
        }
    }
}
