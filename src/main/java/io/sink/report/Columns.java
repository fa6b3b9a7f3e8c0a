package io.sink.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Lines of cells, aligned in columns without borders; no cell can move the cursor or colour the terminal. */
public final class Columns {
    private static final int WIDEST = 100;

    private Columns() {}

    /** All columns to the left. */
    public static String of(List<String> headers, List<List<String>> lines) {
        return of(headers, lines, headers.size());
    }

    /**
     * The lines below their headers.
     *
     * @param left columns from the left that are aligned to the left; the others to the right
     */
    static String of(List<String> headers, List<List<String>> lines, int left) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
            HorizontalAlign align = i < left ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT;
            columns.add(new Column()
                    .header(headers.get(i))
                    .headerAlign(align)
                    .dataAlign(align)
                    .maxWidth(WIDEST, OverflowBehaviour.ELLIPSIS_RIGHT));
        }
        String[][] cells = lines.stream()
                .map(line -> line.stream().map(Human::plain).toArray(String[]::new))
                .toArray(String[][]::new);
        return AsciiTable.getTable(AsciiTable.NO_BORDERS, columns.toArray(new Column[0]), cells)
                .lines()
                .map(String::stripTrailing)
                .filter(line -> !line.isEmpty())
                .map(line -> line.startsWith(" ") ? line.substring(1) : line)
                .collect(Collectors.joining(System.lineSeparator()));
    }
}
