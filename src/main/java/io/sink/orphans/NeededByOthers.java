package io.sink.orphans;

import io.sink.storage.OtherTables;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.table.LocationNormalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Checks files that one table does not name against every other table that is known, a batch at a time: a table may
 * name files in its earlier places, and wherever a service added them.
 *
 * @ref LLP 0019#sweep
 */
final class NeededByOthers {
    private static final int AT_ONCE = 10_000;

    private final OtherTables others;
    private final Collection<KnownTable> tables;
    private final LocationNormalizer spelling;
    private final Runnable safePoint;
    private final Consumer<ListedFile> free;
    private final Needed needed;
    private final List<ListedFile> batch = new ArrayList<>();

    /** Is told of a file, and of a table that needs it. */
    @FunctionalInterface
    interface Needed {
        void by(ListedFile file, String table);
    }

    /** @param safePoint called between tables; throws to end the search */
    NeededByOthers(
            OtherTables others,
            Collection<KnownTable> tables,
            LocationNormalizer spelling,
            Runnable safePoint,
            Consumer<ListedFile> free,
            Needed needed) {
        this.others = others;
        this.tables = tables;
        this.spelling = spelling;
        this.safePoint = safePoint;
        this.free = free;
        this.needed = needed;
    }

    /** @throws UnknownNeedException as {@link #finish} */
    void add(ListedFile file) {
        batch.add(file);
        if (batch.size() == AT_ONCE) {
            finish();
        }
    }

    /**
     * Hands on the files that wait.
     *
     * @throws UnknownNeedException if the needs of a table cannot be read
     */
    void finish() {
        if (batch.isEmpty()) {
            return;
        }
        OtherTables.Need need = others.needOf(
                tables,
                batch.stream().map(file -> spelling.normal(file.location())).toList(),
                safePoint);
        if (!need.unknown().isEmpty()) {
            throw new UnknownNeedException(need.unknown().get(0).toString());
        }
        for (ListedFile file : batch) {
            String table = need.neededBy().get(spelling.normal(file.location()));
            if (table == null) {
                free.accept(file);
            } else {
                needed.by(file, table);
            }
        }
        batch.clear();
    }

    /** It is unknown whether a table needs a file. */
    static final class UnknownNeedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnknownNeedException(String table) {
            super(table);
        }
    }
}
