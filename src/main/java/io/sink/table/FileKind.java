package io.sink.table;

import io.sink.outcome.Counter;

/** The kinds of files of a table. */
public enum FileKind {
    DATA(Counter.DATA_FILES_DELETED),
    DELETE(Counter.DELETE_FILES_DELETED),
    MANIFEST(Counter.MANIFESTS_DELETED),
    MANIFEST_LIST(Counter.MANIFEST_LISTS_DELETED),
    STATISTICS(Counter.STATISTICS_FILES_DELETED),
    METADATA(Counter.METADATA_FILES_DELETED),
    /** A file that no table refers to. */
    ORPHAN(Counter.ORPHAN_FILES_DELETED);

    private final Counter deleted;

    FileKind(Counter deleted) {
        this.deleted = deleted;
    }

    /** The counter for files of this kind that were deleted. */
    public Counter deleted() {
        return deleted;
    }
}
