package io.sink.rows;

import io.sink.action.StopSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.jspecify.annotations.Nullable;

/**
 * Finds the positions of the rows of each input that deletes of any kind drop. For equality deletes it reads only the
 * columns that they compare.
 */
public final class DroppedRows {
    private static final int STOP_EVERY = 4096;

    private final Table table;
    private final PositionDeletes positions;
    private final EqualityDeletes keys;
    private final Schema compared;

    /**
     * Reads the equality deletes of the inputs.
     *
     * @param inputs the inputs that {@link #of} will be asked about
     */
    public DroppedRows(Table table, List<GroupInput> inputs) {
        this.table = table;
        this.positions = new PositionDeletes(table.io());
        Set<Integer> ids = new HashSet<>();
        inputs.stream()
                .flatMap(input -> input.deletes().stream())
                .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES)
                .map(DeleteFile::equalityFieldIds)
                .forEach(ids::addAll);
        this.compared = TypeUtil.select(RowFiles.schema(table), ids);
        this.keys = new EqualityDeletes(table, compared);
        keys.load(inputs);
    }

    /**
     * Positions of the deleted rows of an input, from 0; null if there are none.
     *
     * @throws io.sink.action.StoppedException if the signal was raised
     */
    @Nullable
    public BitSet of(GroupInput input, StopSignal stop) {
        if (input.deletes().isEmpty()) {
            return null;
        }
        BitSet dropped = new BitSet();
        PositionDeleteIndex gone = positions.of(input);
        long rows = input.data().recordCount();
        if (gone.isEmpty() || gone.cardinality() <= rows) {
            gone.forEach(position -> {
                // Deletes may name positions that the file does not have.
                if (position < rows) {
                    dropped.set(Math.toIntExact(position));
                }
            });
        } else {
            for (long position = 0; position < rows; position++) {
                if (gone.isDeleted(position)) {
                    dropped.set(Math.toIntExact(position));
                }
                if (position % STOP_EVERY == 0) {
                    stop.check();
                }
            }
        }
        if (input.deletes().stream().anyMatch(delete -> delete.content() == FileContent.EQUALITY_DELETES)) {
            compare(input, dropped, stop);
        }
        return dropped.isEmpty() ? null : dropped;
    }

    private void compare(GroupInput input, BitSet dropped, StopSignal stop) {
        Predicate<Record> drops = keys.drops(input);
        int position = 0;
        try (CloseableIterable<Record> rows = RowFiles.committed(table, input.data(), compared, true)) {
            for (Record row : rows) {
                if (drops.test(row)) {
                    dropped.set(position);
                }
                if (++position % STOP_EVERY == 0) {
                    stop.check();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
