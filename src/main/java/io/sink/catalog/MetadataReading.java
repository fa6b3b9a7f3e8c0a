package io.sink.catalog;

import io.sink.table.Failures;
import io.sink.table.UnreadableMetadataException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a table's metadata by Iceberg's own code. If a metadata file cannot be fetched or does not parse,
 * Iceberg fetches it twenty times before it gives up: in a minute and a half, or much longer where each attempt takes
 * its time. Here it is parsed twice, since the same bytes fail the same way. What is refused is asked for once, and
 * what else fails three times within some seconds or more: clients of storages try again by themselves.
 *
 * @ref LLP 0020#claims
 */
final class MetadataReading {
    private static final ThreadLocal<@Nullable MetadataReading> CURRENT = new ThreadLocal<>();

    private static final int ATTEMPTS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Map<String, Integer> seen = new HashMap<>();
    private final long begun = System.nanoTime();
    private int failed;

    private MetadataReading() {}

    /**
     * Loads or refreshes a table.
     *
     * @throws UnreadableMetadataException if its metadata exists and cannot be understood
     */
    static <T> T of(Supplier<T> load) {
        MetadataReading outer = CURRENT.get();
        CURRENT.set(new MetadataReading());
        try {
            return load.get();
        } catch (LastingException e) {
            throw e.why;
        } catch (StackOverflowError e) {
            throw UnreadableMetadataException.unparsable(
                    "the metadata", new IllegalArgumentException("nested too deeply", e));
        } finally {
            CURRENT.set(outer);
        }
    }

    /** Whether this thread loads a table. */
    static boolean isUnderWay() {
        return CURRENT.get() != null;
    }

    /** The exception to give to Iceberg for a failure that a retry would only repeat. */
    static RuntimeException lasting(String location, RuntimeException failure) {
        return CURRENT.get() == null ? failure : new LastingException(location, failure);
    }

    /** The exception to give to Iceberg for a file that could not be fetched. */
    static RuntimeException failed(String location, RuntimeException failure) {
        MetadataReading reading = CURRENT.get();
        if (reading == null || failure instanceof NotFoundException) {
            return failure;
        }
        reading.failed++;
        boolean lasts = Failures.isLasting(failure)
                || reading.failed >= ATTEMPTS && System.nanoTime() - reading.begun > PATIENCE.toNanos();
        return lasts ? new LastingException(location, failure) : failure;
    }

    /**
     * Notes the content of a metadata file before Iceberg gets it.
     *
     * @throws NotFoundException if the same content was fetched before and does not parse; Iceberg then stops asking
     */
    static void fetched(String location, byte[] content) {
        MetadataReading reading = CURRENT.get();
        if (reading == null) {
            return;
        }
        int hash = Arrays.hashCode(content);
        Integer before = reading.seen.put(location, hash);
        if (before == null || before != hash) {
            return;
        }
        try {
            TableMetadataParser.read(new InMemoryInputFile(location, content));
        } catch (RuntimeException e) {
            throw new LastingException(location, UnreadableMetadataException.unparsable(location, e));
        }
    }

    /** Iceberg does not retry after a {@link NotFoundException}. */
    private static final class LastingException extends NotFoundException {
        private static final long serialVersionUID = 1L;

        private final RuntimeException why;

        LastingException(String location, RuntimeException why) {
            super(why, "%s cannot be understood", location);
            this.why = why;
        }
    }
}
