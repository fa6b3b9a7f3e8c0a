package io.sink.orphans;

import java.util.regex.Pattern;

/**
 * The names that writers of Iceberg tables give to files. A file by another name was put there by somebody else, and a
 * location may be a directory in which somebody keeps more than a table.
 *
 * @ref LLP 0012#names
 */
final class WriterNames {
    private static final Pattern GIVEN = Pattern.compile(
            ".+\\.(parquet|parq|orc|avro|puffin|stats|metadata\\.json(\\.gz)?)|[0-9]{6}_[0-9]+(_copy_[0-9]+)?",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private WriterNames() {}

    /** Whether the last part of the location is such a name. */
    static boolean has(String location) {
        return GIVEN.matcher(location.substring(location.lastIndexOf('/') + 1)).matches();
    }
}
