package io.sink.verify;

import io.sink.action.StopSignal;
import io.sink.action.StoppedException;
import io.sink.engine.MemoryBudget;
import io.sink.engine.MemoryBudgetException;
import io.sink.engine.Need;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.FooterCheck;
import io.sink.rewrite.Footers;
import io.sink.rewrite.Refusal;
import io.sink.rewrite.Support;
import io.sink.rows.Fingerprint;
import io.sink.rows.GroupInput;
import io.sink.rows.LiveRows;
import io.sink.rows.RowHash;
import io.sink.table.DamagedFileException;
import io.sink.table.LiveDeletes;
import io.sink.table.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a snapshot as a reader of it sees them, in the table's present columns: counted, and summed to the
 * fingerprint by which a rewrite is proved.
 *
 * @param read rows of the data files, deleted ones included
 * @param live rows that no delete drops
 * @param fingerprint of the live rows in any order, row lineage included: 32 hexadecimal digits
 */
public record SnapshotRows(long read, long live, String fingerprint) {
    /** Equality deletes are loaded once for this many files. */
    private static final int FILES_AT_ONCE = 100;

    /**
     * Reads every row.
     *
     * @param stop asked now and then; once it is true, reading ends
     * @param damaged receives each data file of which rows cannot be read, or which has another number of rows than its
     *     manifest says, with the exception; what it throws itself ends the reading
     * @return null if any file is damaged
     * @throws UnsupportedOperationException naming what cannot be read
     * @throws IllegalStateException if reading was stopped
     */
    static @Nullable SnapshotRows of(
            Table table, Snapshot snapshot, BooleanSupplier stop, BiConsumer<DataFile, RuntimeException> damaged) {
        Support.refuseTable(table).ifPresent(SnapshotRows::refuse);
        Sum sum =
                new Sum(table, LiveDeletes.scan(table, snapshot, files -> true).deletes(), stop::getAsBoolean, damaged);
        List<DataFile> some = new ArrayList<>();
        for (ManifestFile manifest : Manifests.of(table, snapshot, ManifestContent.DATA)) {
            Manifests.liveFiles(manifest, table.io(), table.specs(), file -> {
                some.add((DataFile) file.copy());
                if (some.size() == FILES_AT_ONCE) {
                    sum.addFiles(some);
                    some.clear();
                }
            });
        }
        sum.addFiles(some);
        return sum.whole ? new SnapshotRows(sum.read, sum.live, sum.fingerprint.toString()) : null;
    }

    private static void refuse(Refusal refusal) {
        throw new UnsupportedOperationException(refusal.detail());
    }

    private static final class Sum {
        private final Table table;
        private final LiveDeletes deletes;
        private final StopSignal stop;
        private final LiveRows rows;
        private final RowHash hash;
        private final BiConsumer<DataFile, RuntimeException> damaged;
        private boolean whole = true;
        private Fingerprint fingerprint = Fingerprint.NONE;
        private long read;
        private long live;

        Sum(Table table, LiveDeletes deletes, StopSignal stop, BiConsumer<DataFile, RuntimeException> damaged) {
            this.damaged = damaged;
            this.table = table;
            this.deletes = deletes;
            this.stop = stop;
            this.rows = LiveRows.counted(table, this::hold);
            this.hash = new RowHash(rows.schema());
        }

        void addFiles(List<DataFile> files) {
            if (files.isEmpty()) {
                return;
            }
            files.forEach(deletes::requireClear);
            List<GroupInput> inputs = files.stream()
                    .map(file -> new GroupInput(file, deletes.of(file)))
                    .toList();
            try {
                add(inputs);
            } catch (RuntimeException e) {
                if (isNotOfOne(e)) {
                    throw e;
                }
                whole = false;
                findDamaged(inputs, e);
            }
        }

        /** Finds which of the files cannot be read, by reading each by itself. */
        private void findDamaged(List<GroupInput> inputs, RuntimeException together) {
            boolean found = false;
            for (GroupInput input : inputs) {
                try {
                    add(List.of(input));
                } catch (RuntimeException e) {
                    if (isNotOfOne(e)) {
                        throw e;
                    }
                    damaged.accept(input.data(), e);
                    found = true;
                }
            }
            if (!found) {
                throw together;
            }
        }

        private static boolean isNotOfOne(RuntimeException e) {
            return e instanceof UnsupportedOperationException
                    || e instanceof MemoryBudgetException
                    || e.getCause() instanceof StoppedException;
        }

        private void hold(DataFile file, long rows) {
            try {
                DamagedFileException.requireRows(file, rows);
            } catch (DamagedFileException e) {
                whole = false;
                damaged.accept(file, e);
            }
        }

        private void add(List<GroupInput> inputs) {
            FileGroup group = new FileGroup(1, inputs.get(0).data().specId(), true, inputs, 0, 0);
            FooterCheck footers = new FooterCheck(new Footers(0));
            Support.refuseGroups(table, List.of(group), footers, true).ifPresent(SnapshotRows::refuse);
            Need need = footers.decided(table, group).footprint().needToRead();
            try (MemoryBudget.Reservation memory = MemoryBudget.work().reserve(need)) {
                LiveRows.Count count =
                        rows.read(inputs, true, stop, row -> fingerprint = fingerprint.plus(hash.of(row)));
                read += count.read();
                live += count.live();
            } catch (StoppedException e) {
                throw new IllegalStateException("stopped", e);
            }
        }
    }
}
