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
    /** A file of the commit could not be written down and was not created; the commit was not sent. */
    static final class NotAnnouncedException extends RuntimeException implements CleanableFailure {
        private static final long serialVersionUID = 1L;

        NotAnnouncedException(String location, RuntimeException cause) {
            super("cannot write down that " + location + " is about to be created", cause);
        }
    }

    private static final ThreadLocal<@Nullable Consumer<String>> LISTENER = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable Locations> OWN = new ThreadLocal<>();
    private static final ThreadLocal<Boolean> KEEP = ThreadLocal.withInitial(() -> false);

    private CommitFiles() {}

    /**
     * For storage: a file that has no other purpose than the commit is about to be created on this thread.
     *
     * @throws NotAnnouncedException if it could not be written down; then it must not be created, nor the commit be
     *     sent
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
            throw new NotAnnouncedException(location, e);
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

    /** Commits, and tells the listener of every file before it is created. */
    public static void during(Locations own, Consumer<String> listener, Runnable commit) {
        LISTENER.set(listener);
        OWN.set(own);
        try {
            commit.run();
        } finally {
            LISTENER.remove();
            OWN.remove();
        }
    }
}
