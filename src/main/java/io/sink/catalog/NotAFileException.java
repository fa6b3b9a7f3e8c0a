package io.sink.catalog;

import java.io.IOException;
import org.apache.iceberg.exceptions.RuntimeIOException;

/** What is on local disk under the name of a file is not a regular file. */
final class NotAFileException extends RuntimeIOException {
    private static final long serialVersionUID = 1L;

    NotAFileException(String location, String what) {
        super(new IOException("not a regular file"), "%s is %s; only regular files are read", location, what);
    }
}
