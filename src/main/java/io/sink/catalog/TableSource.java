package io.sink.catalog;

import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.jspecify.annotations.Nullable;

/** One configured catalog: lists its tables lazily and loads one at a time. */
public interface TableSource extends AutoCloseable {

    /** The catalog's name in the configuration. */
    String name();

    /**
     * Every table of the catalog, in the catalog's own order, fetched as the iterator advances.
     *
     * <p>A failure to list surfaces from {@link Iterator#hasNext()} as the catalog's own exception.
     */
    Iterator<TableRef> list();

    /**
     * As {@link #list()}, and reports every namespace that it reaches, whether it has tables or not.
     *
     * @param namespace is told the levels of each, outermost first, by the thread that advances the iterator
     */
    default Iterator<TableRef> list(Consumer<List<String>> namespace) {
        return list();
    }

    /** Why an empty listing does not prove that there are no tables; null if it does. */
    default @Nullable String emptyListingDoubt() {
        return null;
    }

    /** What the listing skipped although tables may be there, each a phrase; complete once the listing has ended. */
    default List<String> passedOver() {
        return List.of();
    }

    /**
     * Reads the table's current metadata.
     *
     * @throws org.apache.iceberg.exceptions.NoSuchTableException if there is no such table
     * @throws io.sink.table.UnreadableMetadataException if its metadata cannot be understood
     */
    BaseTable load(TableRef ref);

    /**
     * Whether a commit cannot outlive the process that sends it. With a server in between, a request may still arrive
     * after its sender is dead.
     */
    default boolean commitsDieWithProcess() {
        return false;
    }

    /**
     * Why commits to the table are not safe here; null if they are, or if a catalog makes them safe. Found by a probe
     * with an object that is deleted again.
     *
     * @throws RuntimeException if the probe cannot be made
     */
    default @Nullable String commitProblem(TableRef ref) {
        return null;
    }

    @Override
    void close();
}
