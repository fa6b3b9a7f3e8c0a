package io.sink.catalog;

import io.sink.table.UnreadableMetadataException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a table's metadata by Iceberg's own code. Iceberg fetches a metadata file that does not parse twenty
 * times in a minute and a half before it gives up. Here it is fetched twice: the same bytes fail the same way.
 *
 * @ref LLP 0020#claims
 */
final class MetadataReading {
    private static final ThreadLocal<@Nullable MetadataReading> CURRENT = new ThreadLocal<>();

    private final Map<String, Integer> seen = new HashMap<>();

    private MetadataReading() {}

    /**
     * Loads or refreshes a table.
     *
     * @throws UnreadableMetadataException if its metadata is there and cannot be understood
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

    /** What Iceberg is told of a failure that would be the same the next time. */
    static RuntimeException lasting(String location, RuntimeException failure) {
        return CURRENT.get() == null ? failure : new LastingException(location, failure);
    }

    /**
     * Says what was fetched of a metadata file, before Iceberg gets it.
     *
     * @throws NotFoundException if the same was fetched before and does not parse; Iceberg asks for it no more then
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

    /** Iceberg's retries stop at this one kind of exception. */
    private static final class LastingException extends NotFoundException {
        private static final long serialVersionUID = 1L;

        private final RuntimeException why;

        LastingException(String location, RuntimeException why) {
            super(why, "%s cannot be understood", location);
            this.why = why;
        }
    }
}
