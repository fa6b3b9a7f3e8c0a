package io.sink.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tree of directories that holds tables without a catalog, on one kind of storage. A directory is named by the
 * levels that lead to it from the root.
 */
interface Warehouse extends AutoCloseable {

    /** Whether there is such a directory; always true on storage that has no directories. */
    boolean holds(List<String> levels);

    /**
     * The names of the directories directly inside this one; none if it is missing.
     *
     * @throws RuntimeException if it cannot be listed in full
     */
    List<String> children(List<String> levels);

    /**
     * The names of entries directly inside that may be directories of tables, but are not looked into.
     *
     * @throws RuntimeException if it cannot be listed in full
     */
    default List<String> passedOver(List<String> levels) {
        return List.of();
    }

    /** The metadata directory of the table at these levels. */
    MetadataStore metadata(List<String> levels);

    /**
     * Why the creation of a file cannot be trusted to be exclusive there; null if it can. Found by a probe with its own
     * files, which are deleted again.
     */
    @Nullable
    String exclusiveCreationProblem(List<String> levels);

    /** Whether a location, without {@code blob://}, is the directory at these levels. */
    boolean isAt(String location, List<String> levels);

    /** The directory as a person would write it. */
    String describe(List<String> levels);

    /** Whether a commit cannot outlive the process that sends it. */
    boolean commitsDieWithProcess();

    @Override
    void close();
}
