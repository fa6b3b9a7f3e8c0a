package io.sink.catalog;

import org.apache.iceberg.exceptions.CleanableFailure;

/**
 * A commit failed for a reason other than a conflict and certainly did not land, so what was staged for it may be
 * deleted.
 */
public final class NothingCommittedException extends RuntimeException implements CleanableFailure {

    private static final long serialVersionUID = 1L;

    NothingCommittedException(String message) {
        super(message);
    }

    NothingCommittedException(String message, Throwable cause) {
        super(message, cause);
    }
}
