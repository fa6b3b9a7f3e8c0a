package io.sink.catalog;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a table and the work on it, so that the work can be given up while its threads still run. Once the
 * gate is closed, nothing is read, created, deleted or committed through it, however late a thread wakes.
 *
 * <p>While a commit's request is under way, the gate stays open for a time: to give up too early would turn a slow
 * commit into an unknown one.
 *
 * @ref LLP 0025#gate
 */
public final class Gate {
    private final LongSupplier nanos;
    private boolean closed;
    private boolean inFlight;
    private boolean refused;
    private boolean wrote;
    private Sent sent = Sent.NOTHING;
    private long movedAt;

    /** What is known of a commit of the work that was given up. */
    public enum Sent {
        /** No commit was sent, or it was refused and the table has been read again since. */
        NOTHING,
        /** A commit was sent, and no answer says what became of it. */
        UNANSWERED,
        /** A commit was sent and acknowledged. */
        ACKNOWLEDGED
    }

    /** The work on this table was given up; nothing was sent. */
    public static final class ClosedException extends RuntimeException implements CleanableFailure {
        private static final long serialVersionUID = 1L;

        ClosedException() {
            this(null);
        }

        /** @param cause how the work ended that was given up, or null */
        public ClosedException(@Nullable Throwable cause) {
            super("the work on this table was given up", cause);
        }
    }

    /** An open gate. */
    public Gate() {
        this(System::nanoTime);
    }

    /** @param nanos a clock in nanoseconds, as {@link System#nanoTime} */
    Gate(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The same table, whose files and commits go through this gate. */
    public TableOperations before(TableOperations ops) {
        return new GatedOperations(ops, this);
    }

    /**
     * Starts another action: {@link #close} tells of its commits only.
     *
     * @throws ClosedException if the work was given up
     */
    public synchronized void nextAction() {
        check();
        sent = Sent.NOTHING;
        refused = false;
        wrote = false;
    }

    /** A file is created. */
    synchronized void creates() {
        check();
        wrote = true;
    }

    /** Whether the action has begun to write a file: what it wrote may still be there. */
    public synchronized boolean hasWritten() {
        return wrote;
    }

    /** Notes that the table was read again, which shows that a refused commit is not in it. */
    synchronized void refreshed() {
        if (refused) {
            sent = Sent.NOTHING;
        }
    }

    /** @throws ClosedException if the work was given up */
    synchronized void check() {
        if (closed) {
            throw new ClosedException();
        }
    }

    /** Whether the work was given up. */
    public synchronized boolean isClosed() {
        return closed;
    }

    /**
     * Sends a commit.
     *
     * @throws ClosedException if the work was given up; then nothing is sent
     */
    void commit(Runnable request) {
        synchronized (this) {
            check();
            inFlight = true;
            refused = false;
            sent = Sent.UNANSWERED;
            movedAt = nanos.getAsLong();
        }
        boolean done = false;
        boolean saidNo = false;
        try {
            request.run();
            done = true;
        } catch (RuntimeException e) {
            saidNo = e instanceof CommitFailedException || e instanceof CleanableFailure;
            throw e;
        } finally {
            synchronized (this) {
                inFlight = false;
                refused = saidNo;
                movedAt = nanos.getAsLong();
                sent = done ? Sent.ACKNOWLEDGED : Sent.UNANSWERED;
            }
        }
    }

    /**
     * Closes the gate, unless a commit was sent that must be waited for.
     *
     * @param answer how long to wait for an answer, counted from the request
     * @param settling how long to wait, counted from the answer, until it is known what became of the commit
     * @return what is known of the action's commit; null if the gate stays open, and this is to be called again
     */
    public synchronized @Nullable Sent close(Duration answer, Duration settling) {
        Duration patience = inFlight ? answer : settling;
        if (!closed && sent != Sent.NOTHING && nanos.getAsLong() - movedAt < patience.toNanos()) {
            return null;
        }
        closed = true;
        return sent;
    }
}
