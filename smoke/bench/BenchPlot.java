package bench;

import bench.Benchmark.Line;
import bench.Benchmark.Results;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** The CPU and wall time of each program on each table, as bars. */
final class BenchPlot {
    private static final List<Rival> SHOWN = List.of(Rival.SINK, Rival.DUCKDB, Rival.SPARK, Rival.ZSTD, Rival.COPY);
    private static final List<DataSet> SETS = List.of(DataSet.EVENTS, DataSet.LINEITEM, DataSet.DELETED, DataSet.TINY);
    private static final int LEFT = 110;
    private static final int WIDTH = 760;
    private static final int BAR = 9;
    private static final int ROW = 2 * BAR + 8;
    private static final int HEAD = 30;

    private final StringBuilder svg = new StringBuilder();

    private BenchPlot() {}

    /** The plot as SVG; each table has a scale of its own. */
    static String of(Results results) {
        BenchPlot plot = new BenchPlot();
        int height = 34;
        for (DataSet set : SETS) {
            List<Line> lines = lines(results, set).toList();
            height = lines.isEmpty() ? height : plot.panel(set, lines, height);
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                <text x="10" y="20" font-weight="bold">Seconds of one compaction, a whole process with two threads: \
                <tspan fill="#1f5f8b">CPU</tspan> and <tspan fill="#9dbfd6">wall</tspan></text>
                %s</svg>
                """.formatted(WIDTH, height + 8, WIDTH, height + 8, plot.svg);
    }

    private static Stream<Line> lines(Results results, DataSet set) {
        return SHOWN.stream().map(rival -> results.of(set, rival)).filter(Objects::nonNull);
    }

    /** One table's bars, from a height on; gives the height below them. */
    private int panel(DataSet set, List<Line> lines, int top) {
        double most = lines.stream()
                .mapToDouble(line -> Math.max(line.cost().cpu(), line.cost().wall()))
                .max()
                .orElse(1);
        text(10, top + 16, set.toString(), " font-weight=\"bold\"");
        int y = top + HEAD;
        for (Line line : lines) {
            boolean ours = line.rival() == Rival.SINK;
            text(10, y + BAR + 4, line.rival().toString(), ours ? " font-weight=\"bold\"" : "");
            bar(y, line.cost().cpu(), most, ours ? "#1f5f8b" : "#6d7f8b");
            bar(y + BAR, line.cost().wall(), most, ours ? "#9dbfd6" : "#c3ccd2");
            y += ROW;
        }
        return y + 6;
    }

    private void bar(int y, double seconds, double most, String color) {
        double width = seconds / most * (WIDTH - LEFT - 70);
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                LEFT,
                y,
                Math.max(1, width),
                BAR,
                color));
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%d\" font-size=\"10\">%.1f</text>%n",
                LEFT + width + 5,
                y + BAR,
                seconds));
    }

    private void text(int x, int y, String text, String style) {
        svg.append("<text x=\"%d\" y=\"%d\"%s>%s</text>%n".formatted(x, y, style, text));
    }
}
