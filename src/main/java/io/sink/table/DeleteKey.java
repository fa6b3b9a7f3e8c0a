package io.sink.table;

import java.io.Serializable;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a delete file: its location alone does not, since many deletion vectors share one Puffin file.
 *
 * @param offset where the content begins in the file, in bytes; null if the file is only one delete file
 */
public record DeleteKey(String location, @Nullable Long offset) implements Serializable {
    /** The key of this delete file. */
    public static DeleteKey of(DeleteFile delete) {
        return new DeleteKey(delete.location(), delete.contentOffset());
    }
}
