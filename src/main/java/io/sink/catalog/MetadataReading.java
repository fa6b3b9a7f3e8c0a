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
 * One reading of a table's metadata by Iceberg's own code. If a metadata file does not parse, Iceberg fetches it twenty
 * times in a minute and a half before it gives up. Here it is fetched twice, since the same bytes fail the same way.
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

    /** The exception to give to Iceberg for a failure that a retry would only repeat. */
    static RuntimeException lasting(String location, RuntimeException failure) {
        return CURRENT.get() == null ? failure : new LastingException(location, failure);
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
