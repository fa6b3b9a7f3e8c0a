package io.sink.pages;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row group of a source file, which becomes part of a row group of the output.
 *
 * @param file the source file
 * @param rowGroup its number in the file, from 0
 * @param firstRow the position of its first row in the file, from 0
 * @param origins where each leaf column of the output comes from
 * @param dropped positions of deleted rows in the file; null if there are none
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

    /** The number of rows in the row group. */
    public int rows() {
        return Math.toIntExact(file.rows(rowGroup));
    }

    /** The number of rows that are not deleted. */
    public int liveRows() {
        return rows() - droppedIn(0, rows());
    }

    /** Whether the row of this number in the row group is not deleted. */
    boolean keeps(int row) {
        return dropped == null || !dropped.get(Math.toIntExact(firstRow + row));
    }

    /** The end of the run of rows from this one on that are all kept or all deleted: the number after the last. */
    int endOfRun(int row) {
        if (dropped == null) {
            return rows();
        }
        int position = Math.toIntExact(firstRow + row);
        int end = dropped.get(position) ? dropped.nextClearBit(position) : dropped.nextSetBit(position);
        return end < 0 ? rows() : (int) Math.min(rows(), end - firstRow);
    }

    /** The number of deleted rows among these of the row group. */
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
