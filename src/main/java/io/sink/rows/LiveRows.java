package io.sink.rows;

import io.sink.action.StopSignal;
import io.sink.action.StoppedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
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
    private final boolean repeats;
    private final @Nullable FileRead told;

    /** Is told of each file that was read to its end. */
    @FunctionalInterface
    public interface FileRead {
        /**
         * One file has no more rows.
         *
         * @param rows that it had, deleted ones included
         * @param entries that each leaf column had in them, by field id; empty where the table has no lists and no maps
         * @throws RuntimeException if the file has others
         */
        void read(DataFile file, long rows, Map<Integer, Long> entries);
    }

    /** @param table whose present columns the rows are read in */
    public LiveRows(Table table) {
        this(table, null);
    }

    /** @param told of every file once it was read */
    public LiveRows(Table table, @Nullable FileRead told) {
        this(table, told, told != null);
    }

    /**
     * Rows of which somebody wants to know how many each file has.
     *
     * @param told of every file once it was read, and of how many rows it had
     */
    public static LiveRows counted(Table table, ObjLongConsumer<DataFile> told) {
        return new LiveRows(table, (file, rows, entries) -> told.accept(file, rows), false);
    }

    private LiveRows(Table table, @Nullable FileRead told, boolean entries) {
        this.table = table;
        this.schema = RowFiles.schema(table);
        this.told = told;
        this.repeats = entries
                && TypeUtil.indexById(schema.asStruct()).values().stream()
                        .anyMatch(field ->
                                field.type().isListType() || field.type().isMapType());
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
            LeafNulls counted = repeats ? new LeafNulls(schema) : null;
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
            if (told != null) {
                told.read(input.data(), position, counted == null ? Map.of() : counted.entries());
            }
        }
        return new Count(read, dropped);
    }
}
