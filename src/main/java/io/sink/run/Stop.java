package io.sink.run;

import io.sink.action.StopSignal;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Remembers the first signal that asked the run to stop. */
public final class Stop implements StopSignal {
    private final AtomicReference<@Nullable String> signal = new AtomicReference<>();

    /**
     * Asks the run to stop at the next safe point.
     *
     * @param name {@code SIGINT} or {@code SIGTERM}
     * @return whether this is the first time
     */
    public boolean request(String name) {
        return signal.compareAndSet(null, name);
    }

    @Override
    public boolean stopped() {
        return signal.get() != null;
    }

    /** The signal that was received, or null. */
    public @Nullable String signal() {
        return signal.get();
    }
}
