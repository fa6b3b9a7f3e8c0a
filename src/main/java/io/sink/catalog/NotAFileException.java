package io.sink.catalog;

import java.io.IOException;
import org.apache.iceberg.exceptions.RuntimeIOException;

/** Something on local disk has the name of a file and is none. */
final class NotAFileException extends RuntimeIOException {
    private static final long serialVersionUID = 1L;

    NotAFileException(String location, String what) {
        super(new IOException("not a regular file"), "%s is %s, and only regular files are read", location, what);
    }
}
