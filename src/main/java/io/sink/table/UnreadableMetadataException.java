package io.sink.table;

import com.fasterxml.jackson.core.JacksonException;
import io.sink.text.Human;
import java.io.EOFException;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A table's metadata cannot be read completely: a manifest list or manifest ends early or is not Avro, or a metadata
 * file does not parse or is too large to be parsed. Files that it does not name may still be needed.
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

    /** @param what what is wrong in the file, though it is complete */
    static UnreadableMetadataException wrong(String location, String what) {
        return new UnreadableMetadataException(location + ": " + what, null);
    }

    /**
     * A metadata file that does not parse.
     *
     * @param why the parser's failure
     */
    public static UnreadableMetadataException unparsable(String location, Throwable why) {
        return new UnreadableMetadataException(location + " is no table metadata", why);
    }

    /** Whether the cause of a failure is that a metadata file ends early or is not JSON. */
    public static boolean isUnparsed(Throwable failure) {
        return Causes.of(failure).stream()
                .anyMatch(cause -> cause instanceof JacksonException
                        || cause instanceof EOFException
                        || cause instanceof ZipException);
    }

    /** A metadata file that ends early or is not JSON: another writer may still be writing it, or died meanwhile. */
    public static UnreadableMetadataException unparsed(String location, Throwable cause) {
        return new UnreadableMetadataException(
                location, "another writer is still writing it, or died; if it stays so, remove this file", cause);
    }

    /**
     * A metadata file that is too large to be parsed.
     *
     * @param most bytes that can be parsed in this heap
     */
    public static UnreadableMetadataException tooLarge(String location, long most) {
        return new UnreadableMetadataException(
                "%s unpacks to more than %s, which is what can be parsed in this heap: raise -Xmx if that is right"
                        .formatted(location, Human.bytes(most)),
                null);
    }
}
