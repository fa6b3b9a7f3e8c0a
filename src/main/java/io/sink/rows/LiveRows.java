package io.sink.rows;

import io.sink.action.StopSignal;
import io.sink.action.StoppedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.jspecify.annotations.Nullable;

/** Reads the rows of data files that no delete drops. */
public final class LiveRows {
    /** Rows between two looks at the stop signal. */
    private static final int STOP_EVERY = 4096;

    private final Table table;
    private final Schema schema;
    private final @Nullable Entries entries;

    /** Is told how many entries each leaf column of a file had, by field id, in all of its rows. */
    @FunctionalInterface
    public interface Entries {
        /** @throws RuntimeException if the file has others */
        void read(DataFile file, Map<Integer, Long> entries);
    }

    /** @param table whose present columns the rows are read in */
    public LiveRows(Table table) {
        this(table, null);
    }

    /** @param entries is told of every file once it was read, where the table has lists or maps */
    public LiveRows(Table table, @Nullable Entries entries) {
        this.table = table;
        this.schema = RowFiles.schema(table);
        boolean repeats = TypeUtil.indexById(schema.asStruct()).values().stream()
                .anyMatch(field -> field.type().isListType() || field.type().isMapType());
        this.entries = repeats ? entries : null;
    }

    /**
     * Rows gone through so far.
     *
     * @param read rows of the files, deleted ones included
     * @param dropped those among them that deletes dropped
     */
    public record Count(long read, long dropped) {
        /** Rows that no delete drops. */
        public long live() {
            return read - dropped;
        }
    }

    /** The schema of the rows. */
    public Schema schema() {
        return schema;
    }

    /**
     * Hands every live row of the files to the sink, file by file in their order.
     *
     * @param reuse whether a row may be overwritten by the next one
     * @throws StoppedException if the signal was raised
     */
    public Count read(List<GroupInput> inputs, boolean reuse, StopSignal stop, Consumer<Record> sink) {
        PositionDeletes positions = new PositionDeletes(table.io());
        EqualityDeletes keys = new EqualityDeletes(table, schema);
        keys.load(inputs);
        long read = 0;
        long dropped = 0;
        for (GroupInput input : inputs) {
            stop.check();
            PositionDeleteIndex gone = positions.of(input);
            Predicate<Record> dropsKey = keys.drops(input);
            // No filter and no split: a row's position is its number.
            long position = 0;
            LeafNulls counted = entries == null ? null : new LeafNulls(schema);
            try (CloseableIterable<Record> rows = RowFiles.committed(table, input.data(), schema, reuse)) {
                for (Record row : rows) {
                    if (counted != null) {
                        counted.add(row);
                    }
                    if (gone.isDeleted(position) || dropsKey.test(row)) {
                        dropped++;
                    } else {
                        sink.accept(row);
                    }
                    if (++position % STOP_EVERY == 0) {
                        stop.check();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            read += position;
            if (entries != null && counted != null) {
                entries.read(input.data(), counted.entries());
            }
        }
        return new Count(read, dropped);
    }
}
