package io.sink.table;

import com.fasterxml.jackson.core.JacksonException;
import io.sink.text.Human;
import java.io.EOFException;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A table's metadata cannot be read whole: a manifest list or a manifest ends early or is no Avro file, or a metadata
 * file does not parse or is larger than what can be parsed. What it does not name may be needed.
 *
 * @ref LLP 0020#short
 */
public final class UnreadableMetadataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableMetadataException(String location, String why, @Nullable Throwable cause) {
        this(location + " is not whole: " + why, cause);
    }

    private UnreadableMetadataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** @param what a file and what is wrong in it, though all of it is there */
    static UnreadableMetadataException wrong(String location, String what) {
        return new UnreadableMetadataException(location + ": " + what, null);
    }

    /** @param why what the parser says */
    public static UnreadableMetadataException unparsable(String location, Throwable why) {
        return new UnreadableMetadataException(location + " is no table metadata", why);
    }

    /** Whether a failure says that a metadata file ends early, or is no JSON. */
    public static boolean isUnparsed(Throwable failure) {
        Throwable cause = failure;
        while (cause != null
                && !(cause instanceof JacksonException
                        || cause instanceof EOFException
                        || cause instanceof ZipException)) {
            cause = cause.getCause();
        }
        return cause != null;
    }

    /** A metadata file that ends early, or is no JSON: another writer may be at it, or died at it. */
    public static UnreadableMetadataException unparsed(String location, Throwable cause) {
        return new UnreadableMetadataException(
                location, "another writer is still at it, or died; if it stays so, take this file away", cause);
    }

    /** @param most bytes that can be parsed in the memory that there is */
    public static UnreadableMetadataException tooLarge(String location, long most) {
        return new UnreadableMetadataException(
                "%s unpacks to more than %s, which is what can be parsed in this heap: raise -Xmx if that is right"
                        .formatted(location, Human.bytes(most)),
                null);
    }
}
