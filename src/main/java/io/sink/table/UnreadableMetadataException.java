package io.sink.table;

import org.jspecify.annotations.Nullable;

/**
 * A manifest list or a manifest is not all that was written: it ends early, or it is no Avro file. What it does not
 * name may be needed.
 *
 * @ref LLP 0020#short
 */
public final class UnreadableMetadataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableMetadataException(String location, String why, @Nullable Throwable cause) {
        super(location + " is not whole: " + why, cause);
    }
}
