package io.sink.storage;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/**
 * Announces staged files where they are written. In the process of {@link StagedFiles} it tells it; once it has
 * travelled it writes the entries itself, and {@link StagedFiles} finds them by their names.
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

    /** Writes down that the file is about to be created, unless it was before; if this throws, it must not be. */
    public void announce(String location) {
        StagedFiles staged = here;
        if (staged == null) {
            // Counters of several processes would meet.
            long number = ThreadLocalRandom.current().nextLong(Integer.MAX_VALUE, Long.MAX_VALUE);
            entries.write(number, StagedFiles.FILE, location, Instant.now());
        } else {
            staged.announce(location);
        }
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        if (!(entries.io() instanceof SupportsPrefixOperations)) {
            throw new IOException(
                    "files can only be written elsewhere where the storage can list what is announced, and "
                            + entries.io().getClass().getName() + " cannot");
        }
        if (here != null) {
            here.announcedElsewhere();
        }
        out.defaultWriteObject();
    }
}
