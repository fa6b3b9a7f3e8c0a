package io.sink.compact;

import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/** What tells one delete file from another: many deletion vectors share one puffin file. */
record DeleteKey(String location, @Nullable Long offset) {
    static DeleteKey of(DeleteFile delete) {
        return new DeleteKey(delete.location(), delete.contentOffset());
    }
}
