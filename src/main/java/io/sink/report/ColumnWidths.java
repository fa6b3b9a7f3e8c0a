package io.sink.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The widths of columns that together fit a line, chosen so that the table has few lines: a cell that is wider than its
 * column is wrapped in it, but one of the first column takes a line of its own.
 */
final class ColumnWidths {
    /** Blanks between two columns. */
    static final int GAP = 2;

    /** Weight of a wrapped code: it is harder to find than three wrapped figures. */
    private static final int WORDS = 3;

    private static final long IMPOSSIBLE = Long.MAX_VALUE / 100;

    private ColumnWidths() {}

    /**
     * @param rows the rows of cells, the header first; a wrapped first header costs nothing
     * @param words how many columns, from the left, hold words and not figures
     */
    static int[] of(List<List<String>> rows, int words, LineWidth line) {
        List<Map<String, Long>> columns = new ArrayList<>();
        for (int i = 0; i < rows.get(0).size(); i++) {
            int column = i;
            columns.add(rows.stream()
                    .map(row -> row.get(column))
                    .collect(Collectors.groupingBy(Function.identity(), Collectors.counting())));
        }
        int[] widest =
                columns.stream().mapToInt(cells -> widest(cells, LineWidth::of)).toArray();
        int gaps = GAP * (columns.size() - 1);
        if (Arrays.stream(widest).sum() + gaps <= line.columns()) {
            return widest;
        }
        int[] narrowest = columns.stream()
                .mapToInt(cells -> widest(cells, LineWidth::ofWidestPart))
                .toArray();
        narrowest[0] = 0;
        columns.get(0).merge(rows.get(0).get(0), -1L, Long::sum);
        List<long[]> costs = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            long[] cost = costs(columns.get(i), narrowest[i], Math.min(widest[i], line.columns()), i == 0, line);
            int weight = i > 0 && i < words ? WORDS : 1;
            costs.add(Arrays.stream(cost)
                    .map(lines -> Math.min(lines * weight, IMPOSSIBLE))
                    .toArray());
        }
        return cheapest(costs, narrowest, line.columns() - gaps);
    }

    private static int widest(Map<String, Long> cells, Function<String, Integer> width) {
        return cells.keySet().stream().mapToInt(width::apply).max().orElse(0);
    }

    /** For each width, how many lines beyond their first the cells take. */
    private static long[] costs(Map<String, Long> cells, int narrowest, int widest, boolean first, LineWidth line) {
        long[] costs = new long[Math.max(narrowest, widest) + 1];
        Arrays.fill(costs, 0, narrowest, IMPOSSIBLE);
        cells.forEach((cell, times) -> {
            int needed = LineWidth.of(cell);
            int alone = first ? line.wrapped(cell, 0).size() : 0;
            for (int width = narrowest; width < Math.min(needed, costs.length); width++) {
                int more = first ? alone : new LineWidth(width).wrapped(cell, 0).size() - 1;
                costs[width] += times * more;
            }
        });
        return costs;
    }

    /**
     * Dynamic programming over the columns from the right; of equally good choices it takes the one whose earlier
     * columns are wide.
     */
    private static int[] cheapest(List<long[]> costs, int[] narrowest, int room) {
        int columns = costs.size();
        if (Arrays.stream(narrowest).sum() > room) {
            return narrowest;
        }
        long[][] best = new long[columns + 1][room + 1];
        int[][] choice = new int[columns][room + 1];
        for (int i = columns - 1; i >= 0; i--) {
            for (int left = 0; left <= room; left++) {
                best[i][left] = IMPOSSIBLE;
                for (int width = Math.min(left, costs.get(i).length - 1); width >= narrowest[i]; width--) {
                    long cost = costs.get(i)[width] + best[i + 1][left - width];
                    if (cost < best[i][left]) {
                        best[i][left] = cost;
                        choice[i][left] = width;
                    }
                }
            }
        }
        int[] widths = new int[columns];
        int left = room;
        for (int i = 0; i < columns; i++) {
            widths[i] = choice[i][left];
            left -= widths[i];
            while (widths[i] > narrowest[i] && costs.get(i)[widths[i] - 1] == costs.get(i)[widths[i]]) {
                widths[i]--;
            }
        }
        return widths;
    }
}
