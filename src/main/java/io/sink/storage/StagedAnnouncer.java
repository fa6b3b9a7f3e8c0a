package io.sink.storage;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/**
 * Announces staged files in whatever process they are written. In the process of {@link StagedFiles} it calls that
 * object. In another process, to which it was serialized, it writes the journal entries itself, and {@link StagedFiles}
 * finds them by their names.
 *
 * @ref LLP 0024#travel
 */
public final class StagedAnnouncer implements Serializable {
    private static final long serialVersionUID = 1L;

    private final StagingEntries entries;
    private final transient @Nullable StagedFiles here;

    StagedAnnouncer(StagingEntries entries, StagedFiles here) {
        this.entries = entries;
        this.here = here;
    }

    /**
     * Records that the file is about to be created, unless it was recorded before. If this throws, it must not be
     * created.
     */
    public void announce(String location) {
        StagedFiles staged = here;
        if (staged == null) {
            // Counters of several processes would give the same numbers.
            long number = ThreadLocalRandom.current().nextLong(Integer.MAX_VALUE, Long.MAX_VALUE);
            entries.write(number, StagedFiles.FILE, location, Instant.now());
        } else {
            staged.announce(location);
        }
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        if (!(entries.io() instanceof SupportsPrefixOperations)) {
            throw new IOException(
                    "files can be written in another process only if the storage can list their journal entries, and "
                            + entries.io().getClass().getName() + " cannot");
        }
        if (here != null) {
            here.announcedElsewhere();
        }
        out.defaultWriteObject();
    }
}
