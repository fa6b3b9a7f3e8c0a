package bench;

import bench.Benchmark.Line;
import bench.Benchmark.Results;
import bench.Benchmark.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came of a benchmark, for people.
 *
 * @param figures every figure, as Markdown
 * @param goals the goals, and what of them was met
 * @param plot as SVG
 */
public record BenchReport(List<String> figures, List<String> goals, String plot) {
    private static final String BEGIN = "<!-- figures of the benchmark, written by it -->";
    private static final String END = "<!-- end of the figures -->";

    /** Writes down what was measured here and today. */
    public static BenchReport of(Results results, StartUp start) throws IOException {
        List<String> text = new ArrayList<>(List.of(
                "# What a compaction costs",
                "",
                "Written by the benchmark ([how](../README.md#the-benchmark)). " + about(),
                "Each row is a whole process with two threads, its start included; times are medians of so many runs, in turns with"
                        + " the others, peaks the highest resident memory. Inputs are in the page cache. Every output had"
                        + " exactly the rows of the table, by a sum over hashes of whole rows. *scan* is DuckDB reading"
                        + " every column, *narrow* the least of several times that DuckDB, and Spark, need for a query over two columns.",
                ""));
        for (Source source : results.sources()) {
            text.addAll(table(source, results));
        }
        text.addAll(List.of("## Start", "", startUp(start), "", "## Goals", ""));
        List<String> goals = Goals.table(results, start);
        text.addAll(goals);
        return new BenchReport(text, goals, BenchPlot.of(results));
    }

    /** The day and the class of machine; two figures are only held against each other within one run. */
    private static String about() throws IOException {
        long memory = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
        String load = Files.readString(Path.of("/proc/loadavg")).split(" ")[2];
        return String.format(
                Locale.ROOT,
                "On %s, %d cores, %d GB, local disk, JDK %d; load %s over the last quarter of an hour.",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                Math.round(memory / (double) (1 << 20)),
                Runtime.version().feature(),
                load);
    }

    private static List<String> table(Source source, Results results) {
        Rows made = source.rows();
        List<String> text = new ArrayList<>(List.of(
                "## " + source.set(),
                "",
                "| | runs | wall s | CPU s | peak MB | files | row groups | MB | scan s | narrow ms | narrow ms, Spark |",
                "|---|---|---|---|---|---|---|---|---|---|---|",
                row(
                        "as it was, %,d rows".formatted(made.rows()),
                        "| | | |",
                        made,
                        source.narrow(),
                        source.sparkNarrow())));
        results.lines().stream().filter(line -> line.set() == source.set()).forEach(line -> text.add(row(line)));
        text.add("");
        return text;
    }

    private static String row(Line line) {
        Cost cost = line.cost();
        String costs = String.format(
                Locale.ROOT, "%d | %.1f | %.1f | %d |", line.runs().size(), cost.wall(), cost.cpu(), cost.peakMb());
        Rows left = line.left();
        return left == null
                ? "| " + line.rival() + " | " + costs + " | | | | | |"
                : row(line.rival().toString(), costs, left, line.narrow(), line.sparkNarrow());
    }

    private static String row(String title, String costs, Rows rows, double narrow, double sparkNarrow) {
        return String.format(
                Locale.ROOT,
                "| %s | %s %d | %d | %.1f | %.1f | %.0f | %s |",
                title,
                costs,
                rows.files(),
                rows.rowGroups(),
                rows.bytes() / 1e6,
                rows.seconds(),
                narrow * 1e3,
                sparkNarrow == 0 ? "" : String.format(Locale.ROOT, "%.0f", sparkNarrow * 1e3));
    }

    private static String startUp(StartUp start) {
        return String.format(
                Locale.ROOT,
                "`sink maintain --compact` on a table of 200 files with nothing to do, SQLite catalog: %.2f s, %.2f CPU s with the"
                        + " archive that `bin/archive` makes, %.2f s, %.2f CPU s without.",
                start.archived().wall(),
                start.archived().cpu(),
                start.plain().wall(),
                start.plain().cpu());
    }

    /** Writes {@code results.md} and {@code results.svg}. */
    public void write(Path directory) throws IOException {
        Files.write(directory.resolve("results.md"), figures);
        Files.writeString(directory.resolve("results.svg"), plot);
    }

    /** Puts the goals in place of what a page of {@code src/docs} says between its marks. */
    public void writeInto(Path document) throws IOException {
        String text = Files.readString(document);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException("no marks in " + document);
        }
        String shown = BEGIN + "\n"
                + about() + " All figures: [smoke/bench/results.md](../../smoke/bench/results.md).\n\n"
                + String.join("\n", goals) + "\n";
        Files.writeString(document, text.substring(0, begin) + shown + text.substring(end));
    }
}
