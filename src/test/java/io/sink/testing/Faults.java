package io.sink.testing;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A schedule of failures: which call fails, once or from then on, before or after it had its effect, and how.
 *
 * <p>Calls are numbered from 1 in the order in which they are made.
 */
public final class Faults {

    /** Whether the failing call still has its effect. */
    public enum When {
        BEFORE,
        AFTER
    }

    private final int first;
    private final boolean always;
    private final When when;
    private final Function<String, RuntimeException> failure;
    private final Predicate<String> named;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile @Nullable String failed;

    public Faults(int first, boolean always, When when, Function<String, RuntimeException> failure) {
        this(first, always, when, failure, call -> false);
    }

    private Faults(
            int first, boolean always, When when, Function<String, RuntimeException> failure, Predicate<String> named) {
        this.named = named;
        this.first = first;
        this.always = always;
        this.when = when;
        this.failure = failure;
    }

    /** No call fails; for counting them. */
    public static Faults none() {
        return new Faults(Integer.MAX_VALUE, false, When.BEFORE, IllegalStateException::new);
    }

    /** Every call with such a name fails before its effect, whatever its number. */
    public Faults failing(Predicate<String> calls, Function<String, RuntimeException> how) {
        return new Faults(first, always, When.BEFORE, how, calls);
    }

    /** Calls made so far. */
    public int calls() {
        return calls.get();
    }

    /** The first call that failed, or null. */
    public @Nullable String failed() {
        return failed;
    }

    /** Makes a call. */
    <T> T call(String name, Supplier<T> effect) {
        int number = calls.incrementAndGet();
        boolean fails = number == first || (always && number > first) || named.test(name);
        if (fails && failed == null) {
            failed = name;
        }
        if (fails && when == When.BEFORE) {
            throw failure.apply("injected before " + name);
        }
        T result = effect.get();
        if (fails) {
            RuntimeException injected = failure.apply("injected after " + name);
            if (result instanceof Closeable lost) {
                // Nobody gets it, and so nobody can close it.
                try {
                    lost.close();
                } catch (IOException e) {
                    injected.addSuppressed(e);
                }
            }
            throw injected;
        }
        return result;
    }

    void run(String name, Runnable effect) {
        call(name, () -> {
            effect.run();
            return "";
        });
    }
}
