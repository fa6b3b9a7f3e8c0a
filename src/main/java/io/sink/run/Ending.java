package io.sink.run;

import io.sink.catalog.Gate;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.text.Human;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a run has to end, whatever hangs: at a signal, or at its deadline. From then on nothing is begun. Work in
 * progress has {@link #GRACE} to end by itself and to delete what it staged. Then it is given up.
 *
 * @ref LLP 0025#one-rule
 */
final class Ending {
    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    /** Leaves time to write a report within the ten seconds that a signal may take. */
    static final Duration GRACE = Duration.ofSeconds(6);

    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final long LOOK_MILLIS = 20;

    private final Stop stop;
    private final InstantSource clock;
    private final RunRequest.Limits limits;
    private final Duration grace;

    Ending(Stop stop, InstantSource clock, RunRequest.Limits limits) {
        this(stop, clock, limits, GRACE);
    }

    /** @param grace how long work in progress has to end by itself */
    Ending(Stop stop, InstantSource clock, RunRequest.Limits limits, Duration grace) {
        this.stop = stop;
        this.clock = clock;
        this.limits = limits;
        this.grace = grace;
    }

    /** Whether nothing is begun any more. */
    boolean hasBegun() {
        return stop.stopped() || isPast(Duration.ZERO);
    }

    /** Whether what is still at work is given up. */
    boolean isOver() {
        Duration since = stop.since();
        return isPast(grace) || (since != null && since.compareTo(grace) >= 0);
    }

    private boolean isPast(Duration more) {
        Instant deadline = limits.deadline();
        return deadline != null && !clock.instant().isBefore(deadline.plus(more));
    }

    /**
     * How long something may take for which all tables wait, so that one catalog does not use up the time that the
     * others need.
     *
     * @param percent of the time that is left until the deadline, if there is one
     */
    Duration share(int percent) {
        Instant deadline = limits.deadline();
        if (deadline == null) {
            return limits.listing();
        }
        Duration left = Duration.between(clock.instant(), deadline);
        Duration part =
                left.isNegative() ? Duration.ZERO : left.multipliedBy(percent).dividedBy(100);
        return part.compareTo(limits.listing()) < 0 ? part : limits.listing();
    }

    /**
     * Closes the gate of a table that is given up. Returns its result; empty while the answer to a commit is awaited.
     */
    Optional<ActionResult> close(Gate gate) {
        Gate.Sent sent = gate.close(limits.commit(), grace);
        return sent == null ? Optional.empty() : Optional.of(givenUp(sent, gate.hasWritten()));
    }

    /** @param wrote whether files may be left: such an end is no skip */
    private ActionResult givenUp(Gate.Sent sent, boolean wrote) {
        return switch (sent) {
            case NOTHING -> {
                String late = "it had not ended %s after that, and was given up".formatted(Human.duration(grace));
                if (!wrote) {
                    yield ended(late + "; it had written nothing");
                }
                ActionResult left =
                        ended(late + "; what it staged is left to its journal, by which a later run deletes it");
                yield stop.stopped()
                        ? left
                        : ActionResult.of(
                                Reason.CLEANUP_INCOMPLETE, left.reason().code() + ": " + left.detail());
            }
            case ACKNOWLEDGED ->
                ActionResult.of(
                        stop.stopped() ? Reason.INTERRUPTED : Reason.CLEANUP_INCOMPLETE,
                        why() + "; its commit was made, and what was to follow it is left to the journal, by"
                                + " which a later run finishes");
            case UNANSWERED ->
                ActionResult.of(
                        Reason.COMMIT_STATE_UNKNOWN,
                        ("the catalog did not say within %s whether the commit was made (commit-timeout), so nothing"
                                        + " was deleted; a journal lets a later run finish; %s")
                                .formatted(Human.duration(limits.commit()), why()));
        };
    }

    /** The result of something that the ending prevented. */
    ActionResult ended(String what) {
        return ActionResult.of(stop.stopped() ? Reason.INTERRUPTED : Reason.DEADLINE_REACHED, why() + "; " + what);
    }

    String why() {
        return stop.stopped()
                ? "the run was stopped by " + stop.signal()
                : "the deadline passed at " + limits.deadline();
    }

    /**
     * Does work on a thread of its own, and does not wait for it beyond the end.
     *
     * @param instead the result if the work was given up
     */
    <T> T waited(String what, Callable<T> work, T instead) {
        return waited(what, work, instead, this::isOver);
    }

    /**
     * As {@link #waited}, with a limit of its own.
     *
     * @param atMost how long it is waited for
     */
    <T> T within(Duration atMost, String what, Callable<T> work, T instead) {
        long until = System.nanoTime() + atMost.toNanos();
        return waited(what, work, instead, () -> isOver() || System.nanoTime() - until >= 0);
    }

    /** Closes something, without waiting for it longer than {@link #CLOSING}. */
    static void closed(String what, Runnable closing) {
        long until = System.nanoTime() + CLOSING.toNanos();
        waited(
                "closing " + what,
                () -> {
                    closing.run();
                    return true;
                },
                false,
                () -> System.nanoTime() - until >= 0);
    }

    private static <T> T waited(String what, Callable<T> work, T instead, BooleanSupplier over) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(work.call());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                },
                "sink-" + what.replace(' ', '-'));
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (over.getAsBoolean()) {
                        LOG.debug("{} does not end, and is waited for no more", what);
                        thread.interrupt();
                        return instead;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unchecked(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unchecked(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }
}
