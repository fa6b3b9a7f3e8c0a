package io.sink.storage;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.jspecify.annotations.Nullable;

/**
 * Tells the committing code which files the catalog's client creates during a commit. A client that keeps the table's
 * metadata itself creates the new metadata file, whose name is not known before and is not reported if the commit is
 * lost.
 *
 * <p>Iceberg's client creates that file on the committing thread, through the catalog's own storage, and offers no
 * hook. So the listener is kept per thread.
 *
 * @ref LLP 0006#metadata-file
 */
public final class CommitFiles {
    /** A file that must exist before the commit is sent could not be written, so nothing was sent. */
    public static final class NothingSentException extends RuntimeException implements CleanableFailure {
        private static final long serialVersionUID = 1L;

        NothingSentException(String message, RuntimeException cause) {
            super(message, cause);
        }
    }

    private static final ThreadLocal<@Nullable Consumer<String>> LISTENER = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable Unwritten> UNWRITTEN = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable OutgoingMetadata> OWN = new ThreadLocal<>();
    private static final ThreadLocal<Boolean> KEEP = ThreadLocal.withInitial(() -> false);

    private CommitFiles() {}

    /**
     * Called by storage before it creates a file on this thread that serves only the commit.
     *
     * @throws NothingSentException if the file could not be announced; then it must not be created, and the commit must
     *     not be sent
     */
    public static void aboutToCreate(String location) {
        Consumer<String> listener = LISTENER.get();
        if (listener == null) {
            return;
        }
        // Files that the listener itself writes are not files of the commit.
        LISTENER.remove();
        try {
            listener.accept(location);
        } catch (RuntimeException e) {
            throw new NothingSentException("cannot write down that " + location + " is about to be created", e);
        } finally {
            LISTENER.set(listener);
        }
    }

    /**
     * For storage: what the commit on this thread may delete; null outside of a commit. If the table's properties say
     * so, the catalog's client deletes the metadata files that leave the metadata log, whatever location the log gives.
     */
    public static @Nullable OutgoingMetadata outgoing() {
        return OWN.get();
    }

    /**
     * For storage: whether a commit on this thread must not delete any metadata file, whatever the table's properties
     * say. A file that leaves the log of this catalog entry may be the current one of another entry of the table.
     *
     * @ref LLP 0019#duplicates
     */
    public static boolean keepsMetadata() {
        return KEEP.get();
    }

    /**
     * Does work on a table on this thread.
     *
     * @param keep whether its commits keep every metadata file
     */
    public static <T> T keeping(boolean keep, Supplier<T> work) {
        KEEP.set(keep);
        try {
            return work.get();
        } finally {
            KEEP.remove();
        }
    }

    /**
     * Called by storage if a file that serves only the commit on this thread could not be created, written or closed.
     * Only the first failure counts: a failure to close the file is a consequence of it.
     */
    public static void couldNotWrite(String location, Throwable failure) {
        if (OWN.get() != null && UNWRITTEN.get() == null) {
            UNWRITTEN.set(new Unwritten(location, failure));
        }
    }

    /**
     * Commits, and tells the listener of every file before it is created.
     *
     * @param own what it may delete
     * @throws NothingSentException if the commit failed because its metadata file could not be written. The request to
     *     commit would name that file, so it was not sent.
     * @ref LLP 0006#metadata-file
     */
    public static void during(OutgoingMetadata own, Consumer<String> listener, Runnable commit) {
        LISTENER.set(listener);
        OWN.set(own);
        UNWRITTEN.remove();
        try {
            commit.run();
        } catch (RuntimeException e) {
            Unwritten unwritten = UNWRITTEN.get();
            if (unwritten != null && unwritten.isCauseOf(e)) {
                throw new NothingSentException(
                        "the commit was not sent, since its metadata file could not be written: "
                                + unwritten.location(),
                        e);
            }
            throw e;
        } finally {
            LISTENER.remove();
            OWN.remove();
            UNWRITTEN.remove();
        }
    }

    /** A file of the commit that does not exist or is not whole. */
    private record Unwritten(String location, Throwable failure) {

        /** Compares by identity: a client that ignored this failure may have sent its request and failed later. */
        boolean isCauseOf(Throwable later) {
            Throwable cause = later;
            while (cause != null && cause != failure) {
                cause = cause.getCause();
            }
            return cause != null;
        }
    }
}
