package io.sink.outcome;

/**
 * What an action did, counted after it happened. Published in reports: add, never rename.
 *
 * <p>Counts are of files, snapshots or refs; {@code *_BYTES} are bytes.
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
    BYTES_FREED("bytes_freed"),
    FILES_LEFT("files_left");

    private final String code;

    Counter(String code) {
        this.code = code;
    }

    /** The published key, as it stands in every report. */
    public String code() {
        return code;
    }
}
