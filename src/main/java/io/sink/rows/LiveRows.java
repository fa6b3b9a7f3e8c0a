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
    /** Number of rows between two checks of the stop signal. */
    private static final int STOP_EVERY = 4096;

    private final Table table;
    private final Schema schema;
    private final boolean repeats;
    private final @Nullable FileRead told;

    /** Is told of each file that was read to its end. */
    @FunctionalInterface
    public interface FileRead {
        /**
         * Called when a file was read to its end.
         *
         * @param rows number of rows in the file, deleted ones included
         * @param entries number of entries of each leaf column by field id; empty if the table has no lists and no maps
         * @throws RuntimeException if these are not the numbers of the file
         */
        void read(DataFile file, long rows, Map<Integer, Long> entries);
    }

    /** @param table the table, whose current columns are read */
    public LiveRows(Table table) {
        this(table, null);
    }

    /** @param told called for every file that was read */
    public LiveRows(Table table, @Nullable FileRead told) {
        this(table, told, told != null);
    }

    /**
     * Reads rows and reports the number of rows of each file.
     *
     * @param told gets every file that was read, and its number of rows, deleted ones included
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
     * The numbers of rows that were read.
     *
     * @param read rows of the files, deleted ones included
     * @param dropped rows among them that deletes dropped
     */
    public record Count(long read, long dropped) {
        /** The number of rows that no delete drops. */
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
            // Without a filter and splits, a row's position is the number of rows before it.
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
