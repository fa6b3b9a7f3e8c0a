package io.sink.table;

import java.io.Serializable;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/** What tells one delete file from another: many deletion vectors share one puffin file. */
public record DeleteKey(String location, @Nullable Long offset) implements Serializable {
    /** The key of this delete file. */
    public static DeleteKey of(DeleteFile delete) {
        return new DeleteKey(delete.location(), delete.contentOffset());
    }
}
