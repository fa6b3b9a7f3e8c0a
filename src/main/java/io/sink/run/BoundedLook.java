package io.sink.run;

import io.sink.outcome.ExitCode;
import io.sink.text.Human;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Looks at catalogs and tables outside of a run. A look ends at the first signal or when its time is over, even if a
 * request hangs.
 *
 * @param stop hears of signals
 * @param atMost how long one look may take
 * @param grace how long what is under way may go on after a signal
 * @ref LLP 0025#one-rule
 */
public record BoundedLook(Stop stop, Duration atMost, Duration grace) {
    /** For a look that writes objects and deletes them again: it should come to its end if it can. */
    public static final Duration GRACE = Ending.GRACE;

    /** For a look that only a signal ends. */
    public static final Duration ENDLESS = Duration.ofDays(365);

    /** A look that was left before its end; the message says why. */
    public static final class LeftException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final @Nullable String signal;

        LeftException(String message, @Nullable String signal) {
            super(message);
            this.signal = signal;
        }

        /** The status to end with, if it was a signal; else null. */
        public @Nullable ExitCode status() {
            return signal == null ? null : signal.equals("SIGINT") ? ExitCode.SIGINT : ExitCode.SIGTERM;
        }
    }

    /**
     * Does the look on a thread of its own.
     *
     * @param what names it, such as {@code "listing catalog lake"}
     * @throws LeftException if it was left before its end
     */
    public <T> T of(String what, Callable<T> look) {
        if (stop.stopped()) {
            throw left(what);
        }
        Ending ending = new Ending(stop, InstantSource.system(), new RunRequest.Limits(null, grace, atMost), grace);
        Optional<T> seen = ending.within(atMost, what, () -> Optional.of(look.call()), Optional.empty());
        return seen.orElseThrow(() -> left(what));
    }

    private LeftException left(String what) {
        String signal = stop.signal();
        return new LeftException(
                signal == null
                        ? what + " did not end within " + Human.duration(atMost) + " (catalog-timeout)"
                        : "stopped by " + signal + " before the end of " + what,
                signal);
    }
}
