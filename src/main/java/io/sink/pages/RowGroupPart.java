package io.sink.pages;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row group of a source file, as it goes into a row group of the output.
 *
 * @param rowGroup its number in the file
 * @param firstRow the position in the file of its first row
 * @param origins where each leaf column of the output comes from
 * @param dropped positions in the file of rows that do not go on; null where all do
 */
public record RowGroupPart(
        SourceFile file,
        int rowGroup,
        long firstRow,
        List<Origin> origins,
        @Nullable BitSet dropped) {
    public RowGroupPart {
        origins = List.copyOf(origins);
    }

    /** Rows that the row group holds. */
    public int rows() {
        return Math.toIntExact(file.rows(rowGroup));
    }

    /** Rows that go on. */
    public int liveRows() {
        return rows() - droppedIn(0, rows());
    }

    /** Whether the row of this number in the row group goes on. */
    boolean keeps(int row) {
        return dropped == null || !dropped.get(Math.toIntExact(firstRow + row));
    }

    /** The number behind the last of the rows that follow this one and go on, or do not, as it does. */
    int endOfRun(int row) {
        if (dropped == null) {
            return rows();
        }
        int position = Math.toIntExact(firstRow + row);
        int end = dropped.get(position) ? dropped.nextClearBit(position) : dropped.nextSetBit(position);
        return end < 0 ? rows() : (int) Math.min(rows(), end - firstRow);
    }

    /** Rows among these of the row group that do not go on. */
    int droppedIn(int from, int until) {
        if (dropped == null) {
            return 0;
        }
        int first = Math.toIntExact(firstRow);
        int count = 0;
        for (int at = dropped.nextSetBit(first + from);
                at >= 0 && at < first + until;
                at = dropped.nextSetBit(at + 1)) {
            count++;
        }
        return count;
    }
}
