package io.sink.storage;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.jspecify.annotations.Nullable;

/**
 * Tells who commits of the files that the catalog's client creates on the way: where the client keeps the table's
 * metadata itself, that is the new metadata file, whose name nobody knows before and nobody hears of when the commit is
 * lost.
 *
 * <p>Iceberg's client creates it on the thread that commits, through the catalog's own storage, and lets nobody else
 * in.
 *
 * @ref LLP 0006#metadata-file
 */
public final class CommitFiles {
    /** A file that has to be there before the commit is sent could not be written, so that nothing was sent. */
    public static final class NothingSentException extends RuntimeException implements CleanableFailure {
        private static final long serialVersionUID = 1L;

        NothingSentException(String message, RuntimeException cause) {
            super(message, cause);
        }
    }

    private static final ThreadLocal<@Nullable Consumer<String>> LISTENER = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable Unwritten> UNWRITTEN = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable Locations> OWN = new ThreadLocal<>();
    private static final ThreadLocal<Boolean> KEEP = ThreadLocal.withInitial(() -> false);

    private CommitFiles() {}

    /**
     * For storage: a file that has no other purpose than the commit is about to be created on this thread.
     *
     * @throws NothingSentException if it could not be written down; then it must not be created, nor the commit be sent
     */
    public static void aboutToCreate(String location) {
        Consumer<String> listener = LISTENER.get();
        if (listener == null) {
            return;
        }
        // What the listener itself writes is none of the commit's files.
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
     * For storage: the places of the table that is committed to on this thread, or null. Where the table's properties
     * say so, the catalog's client deletes the metadata files that leave the log, whatever location the log gives.
     */
    public static @Nullable Locations own() {
        return OWN.get();
    }

    /**
     * For storage: whether a commit on this thread deletes no metadata file, whatever the table's properties say: one
     * that leaves this entry's log may be what another entry of the table is at.
     *
     * @ref LLP 0019#duplicates
     */
    public static boolean keepsMetadata() {
        return KEEP.get();
    }

    /**
     * Does something to a table on this thread.
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
     * For storage: a file that has no other purpose than the commit on this thread could not be created, written or
     * closed. The first failure counts: what closing the file says after it is a consequence.
     */
    public static void couldNotWrite(String location, Throwable failure) {
        if (OWN.get() != null && UNWRITTEN.get() == null) {
            UNWRITTEN.set(new Unwritten(location, failure));
        }
    }

    /**
     * Commits, and tells the listener of every file before it is created.
     *
     * @throws NothingSentException if the commit failed because its metadata file could not be written. The request
     *     names that file and comes after it.
     * @ref LLP 0006#metadata-file
     */
    public static void during(Locations own, Consumer<String> listener, Runnable commit) {
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

    /** A file of the commit that is not there, or not whole. */
    private record Unwritten(String location, Throwable failure) {

        /** By identity: a client that passed over this failure may have sent its request and failed later. */
        boolean isCauseOf(Throwable later) {
            Throwable cause = later;
            while (cause != null && cause != failure) {
                cause = cause.getCause();
            }
            return cause != null;
        }
    }
}
