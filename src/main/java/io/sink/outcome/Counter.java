package io.sink.outcome;

/**
 * What an action did, counted after it happened. Published in reports: add, never rename.
 *
 * <p>Those with {@code bytes} in their name are in bytes; the others count files, snapshots, refs, file groups or rows.
 */
public enum Counter {
    SNAPSHOTS_EXPIRED("snapshots_expired"),
    REFS_REMOVED("refs_removed"),
    DATA_FILES_DELETED("data_files_deleted"),
    DELETE_FILES_DELETED("delete_files_deleted"),
    MANIFESTS_DELETED("manifests_deleted"),
    MANIFEST_LISTS_DELETED("manifest_lists_deleted"),
    STATISTICS_FILES_DELETED("statistics_files_deleted"),
    METADATA_FILES_DELETED("metadata_files_deleted"),
    ORPHAN_FILES_DELETED("orphan_files_deleted"),
    BYTES_FREED("bytes_freed"),
    GROUPS_REWRITTEN("groups_rewritten"),
    DATA_FILES_REWRITTEN("data_files_rewritten"),
    DATA_FILES_WRITTEN("data_files_written"),
    DELETE_FILES_APPLIED("delete_files_applied"),
    DELETE_FILES_REMOVED("delete_files_removed"),
    MANIFESTS_REWRITTEN("manifests_rewritten"),
    MANIFESTS_WRITTEN("manifests_written"),
    BYTES_READ("bytes_read"),
    BYTES_WRITTEN("bytes_written"),
    ROWS_WRITTEN("rows_written"),
    ROWS_DROPPED("rows_dropped"),
    FILES_STAGED("files_staged"),
    STAGED_FILES_DELETED("staged_files_deleted"),
    BACKLOG_FILES("backlog_files"),
    BACKLOG_BYTES("backlog_bytes"),
    FILES_LEFT("files_left"),
    FILES_LISTED("files_listed"),
    FILES_CHECKED("files_checked"),
    ROWS_CHECKED("rows_checked");

    private final String code;

    Counter(String code) {
        this.code = code;
    }

    /** The published key, as it stands in every report. */
    public String code() {
        return code;
    }
}
