package io.sink.compact;

import java.io.Serializable;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/** What tells one delete file from another: many deletion vectors share one puffin file. */
record DeleteKey(String location, @Nullable Long offset) implements Serializable {
    static DeleteKey of(DeleteFile delete) {
        return new DeleteKey(delete.location(), delete.contentOffset());
    }
}
