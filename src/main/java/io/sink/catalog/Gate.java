package io.sink.catalog;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;

/**
 * What stands between the work on a table and the table, so that the work can be given up while its threads still run.
 * Once it is closed nothing is read, created, deleted or committed through it, however late a thread wakes.
 *
 * <p>It does not close on a commit whose request was sent: whoever gives that up too early makes a slow commit an
 * unknown one.
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
        /** No commit was sent, or it was refused and the table was read again since. */
        NOTHING,
        /** A commit was sent, and no answer came that says what became of it. */
        UNANSWERED,
        /** A commit was sent, and called done. */
        ACKNOWLEDGED
    }

    /** The work on this table was given up; nothing was sent. */
    public static final class ClosedException extends RuntimeException implements CleanableFailure {
        private static final long serialVersionUID = 1L;

        ClosedException() {
            this(null);
        }

        /** @param cause what the work came to that was given up, or null */
        public ClosedException(@Nullable Throwable cause) {
            super("the work on this table was given up", cause);
        }
    }

    /** Open. */
    public Gate() {
        this(System::nanoTime);
    }

    /** @param nanos as {@link System#nanoTime} */
    Gate(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The same table, whose files and commits go through this gate. */
    public TableOperations before(TableOperations ops) {
        return new GatedOperations(ops, this);
    }

    /** From here on it is another action whose commits are asked for. */
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

    /** The table was read again. After a refusal that tells what became of the commit, and without one it need not. */
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
     * Closes it, unless a commit was sent that is to be waited for.
     *
     * @param answer how long an answer is waited for, from the request on
     * @param settling how long is given after the answer to find out what became of the commit
     * @return what is known of the action's commit; null if it stays open, and is to be asked again
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
