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
     * As {@link #list()}, and tells of every namespace that it comes to, whether it has tables or not.
     *
     * @param namespace is told the levels of each, outermost first, by the thread that advances the iterator
     */
    default Iterator<TableRef> list(Consumer<List<String>> namespace) {
        return list();
    }

    /** Why a listing that found no table does not show that there is none; null if it does. */
    default @Nullable String emptyListingDoubt() {
        return null;
    }

    /** What a listing passed over though tables may be there, each a phrase; asked after the listing's end. */
    default List<String> passedOver() {
        return List.of();
    }

    /**
     * Reads the table's current metadata.
     *
     * @throws org.apache.iceberg.exceptions.NoSuchTableException if there is no such table
     */
    BaseTable load(TableRef ref);

    /**
     * Whether a commit cannot outlive the process that sends it. With a server in between, a request may still be on
     * its way when its sender is dead already.
     */
    default boolean commitsDieWithProcess() {
        return false;
    }

    /**
     * Why commits to the table are not safe here, found by trying with an object that is taken away again; null if they
     * are, or if a catalog answers for them.
     *
     * @throws RuntimeException if it cannot be tried
     */
    default @Nullable String commitProblem(TableRef ref) {
        return null;
    }

    @Override
    void close();
}
