package io.sink.report;

import io.sink.text.Human;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lines of cells, aligned in columns without borders; no cell can move the cursor or colour the terminal, and none is
 * cut.
 *
 * @param headers of the columns
 * @param left how many columns, from the left, are aligned to the left; the others are aligned to the right
 * @param width which no line exceeds
 * @ref LLP 0018#width
 */
public record Columns(List<String> headers, int left, LineWidth width) {
    private static final int LONG_NAME = 4;

    /** Paints the text of a cell, which takes no more room then. */
    interface Paint {
        Paint NONE = (column, text) -> text;

        String of(int column, String text);
    }

    /** Columns that are all aligned to the left. */
    public static Columns of(List<String> headers, LineWidth width) {
        return new Columns(headers, headers.size(), width);
    }

    /** The text of the lines, below their headers. */
    public String of(List<List<String>> lines) {
        return of(lines, Paint.NONE);
    }

    String of(List<List<String>> lines, Paint paint) {
        List<List<String>> rows = Stream.concat(Stream.of(headers), lines.stream())
                .map(row -> row.stream()
                        .map(cell -> width.redaction().apply(Human.plain(cell)))
                        .toList())
                .toList();
        int[] widths = ColumnWidths.of(rows, left, width);
        List<String> printed = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            row(rows.get(i), widths, i == 0 ? Paint.NONE : paint, printed);
        }
        return String.join(System.lineSeparator(), printed);
    }

    private void row(List<String> row, int[] widths, Paint paint, List<String> to) {
        boolean alone = LineWidth.of(row.get(0)) > widths[0];
        if (alone) {
            to.addAll(width.wrapped(row.get(0), LONG_NAME));
        }
        List<List<String>> cells = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            cells.add(i == 0 && alone ? List.of("") : new LineWidth(widths[i]).wrapped(row.get(i), 0));
        }
        int height = cells.stream().mapToInt(List::size).max().orElse(1);
        for (int line = 0; line < height; line++) {
            to.add(line(cells, line, widths, paint));
        }
    }

    private String line(List<List<String>> cells, int line, int[] widths, Paint paint) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            String text = line < cells.get(i).size() ? cells.get(i).get(line) : "";
            String painted = text.isEmpty() ? text : paint.of(i, text);
            String blanks = " ".repeat(Math.max(0, widths[i] - LineWidth.of(text)));
            padded.add(i < left ? painted + blanks : blanks + painted);
        }
        return String.join(" ".repeat(ColumnWidths.GAP), padded).stripTrailing();
    }
}
