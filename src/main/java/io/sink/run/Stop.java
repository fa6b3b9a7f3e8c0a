package io.sink.run;

import io.sink.action.StopSignal;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Remembers the first signal that asked the run to stop, and when it came. */
public final class Stop implements StopSignal {
    /**
     * Signals within this time count as one: {@code timeout} signals its child, and a moment later the whole process
     * group.
     */
    static final Duration SAME = Duration.ofSeconds(2);

    private final LongSupplier nanos;
    private @Nullable String signal;
    private long firstAt;

    /** What a signal means, given those before it. */
    public enum Heard {
        /** The run is to stop. */
        FIRST,
        /** The first one once more: nothing new. */
        SAME,
        /** Somebody insists: the process is to end at once. */
        AGAIN
    }

    /** Nobody asked yet. */
    public Stop() {
        this(System::nanoTime);
    }

    /** @param nanos as {@link System#nanoTime} */
    Stop(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Asks the run to stop at the next safe point.
     *
     * @param name such as {@code SIGTERM}
     */
    public synchronized Heard request(String name) {
        if (signal == null) {
            signal = name;
            firstAt = nanos.getAsLong();
            return Heard.FIRST;
        }
        return nanos.getAsLong() - firstAt < SAME.toNanos() ? Heard.SAME : Heard.AGAIN;
    }

    @Override
    public synchronized boolean stopped() {
        return signal != null;
    }

    /** How long ago the first signal came, or null. */
    synchronized @Nullable Duration since() {
        return signal == null ? null : Duration.ofNanos(nanos.getAsLong() - firstAt);
    }

    /** The signal that was received, or null. */
    public synchronized @Nullable String signal() {
        return signal;
    }
}
