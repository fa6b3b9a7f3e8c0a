package bench;

import bench.Benchmark.Line;
import bench.Benchmark.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;

/** What the rewrite by pages is to reach, and what it reached. */
final class Goals {
    private final Results results;
    private final List<String> rows = new ArrayList<>();

    private Goals(Results results) {
        this.results = results;
    }

    /** The table of goals, as Markdown; a goal of which not every part was measured is left out. */
    static List<String> table(Results results, StartUp start) {
        Goals goals = new Goals(results);
        goals.fill();
        goals.add(
                "a run with nothing to do: at most 0.5 s",
                "%.2f s",
                start.archived().wall(),
                wall -> wall <= 0.5);
        List<String> table = new ArrayList<>(List.of("| goal | got | |", "|---|---|---|"));
        table.addAll(goals.rows);
        return table;
    }

    private void fill() {
        ratio(DataSet.EVENTS, Rival.SPARK, Rival.SINK, "wall time of Spark ÷ ours: at least 20", true, r -> r >= 20);
        ratio(DataSet.EVENTS, Rival.SPARK, Rival.SINK, "CPU time of Spark ÷ ours: at least 20", false, r -> r >= 20);
        ratio(DataSet.EVENTS, Rival.SINK, Rival.COPY, "wall time ÷ cp + sync: at most 4", true, r -> r <= 4);
        size();
        ratio(DataSet.LINEITEM, Rival.SPARK, Rival.SINK, "CPU time of Spark ÷ ours: at least 15", false, r -> r >= 15);
        ratio(DataSet.LINEITEM, Rival.DUCKDB, Rival.SINK, "wall time of DuckDB ÷ ours: at least 2", true, r -> r >= 2);
        for (DataSet set : List.of(DataSet.DELETED, DataSet.TINY)) {
            ratio(set, Rival.SINK, Rival.ZSTD, "wall time ÷ the zstd limit: at most 1.3", true, r -> r <= 1.3);
            ratio(set, Rival.SINK, Rival.ZSTD, "CPU time ÷ the zstd limit: at most 1.3", false, r -> r <= 1.3);
            ratio(set, Rival.DUCKDB, Rival.SINK, "wall time of DuckDB ÷ ours: more than 1", true, r -> r > 1);
        }
        proof(DataSet.EVENTS, 1.25);
        proof(DataSet.LINEITEM, 1.6);
        proof(DataSet.TINY, 1.6);
        proof(DataSet.DELETED, 2);
        for (DataSet set : List.of(DataSet.EVENTS, DataSet.TINY5000)) {
            Line small = results.of(set, Rival.SINK_256M);
            if (small != null) {
                add(
                        set + " in a heap of 256 MiB: the same rows",
                        "%.0f MB resident",
                        small.cost().peakMb(),
                        mb -> true);
            }
        }
        for (DataSet set : List.of(DataSet.EVENTS, DataSet.LINEITEM, DataSet.TINY)) {
            Line full = results.of(set, Rival.SINK_FULL);
            Line counts = results.of(set, Rival.SINK);
            if (full != null && counts != null) {
                double ratio = full.cost().cpu() / counts.cost().cpu();
                add(set + " with --verify full: fingerprints agree", "CPU time × %.1f", ratio, any -> true);
            }
        }
    }

    private void proof(DataSet set, double most) {
        ratio(
                set,
                Rival.SINK,
                Rival.SINK_COUNTS,
                "wall time with every value compared ÷ with counts: at most " + most,
                true,
                r -> r <= most);
    }

    private void ratio(DataSet set, Rival of, Rival to, String goal, boolean wall, DoublePredicate met) {
        Line above = results.of(set, of);
        Line below = results.of(set, to);
        if (above != null && below != null) {
            double ratio = wall
                    ? above.cost().wall() / below.cost().wall()
                    : above.cost().cpu() / below.cost().cpu();
            add(set + ": " + goal, "%.2f", ratio, met);
        }
    }

    private void size() {
        Line ours = results.of(DataSet.EVENTS, Rival.SINK);
        Line spark = results.of(DataSet.EVENTS, Rival.SPARK);
        Rows made = ours == null ? null : ours.left();
        Rows anew = spark == null ? null : spark.left();
        if (made == null || anew == null) {
            return;
        }
        double more = 100.0 * (made.bytes() - anew.bytes()) / anew.bytes();
        add("events: at most 1 % larger than what Spark encodes anew", "%+.1f %%", more, percent -> percent <= 1);
        add(
                "events: as few row groups as Spark's " + anew.rowGroups(),
                "%.0f",
                made.rowGroups(),
                groups -> groups <= anew.rowGroups());
    }

    private void add(String goal, String format, double got, DoublePredicate met) {
        rows.add("| %s | %s | %s |"
                .formatted(goal, String.format(Locale.ROOT, format, got), met.test(got) ? "met" : "**missed**"));
    }
}
