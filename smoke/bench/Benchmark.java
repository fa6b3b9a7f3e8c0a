package bench;

import bench.Rival.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lib.SparkSql;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the same tables by several programs, one process after the other, round by round, so that what else the
 * machine does meets all of them alike.
 *
 * @param directory keeps the tables, which later runs of the same size and seed have again
 * @param toy tables of a few rows
 * @param rounds in which everybody takes part but Spark
 * @param sparkRounds of those, from the first on, in which Spark does
 */
public record Benchmark(
        Path directory, boolean toy, long seed, int rounds, int sparkRounds, Set<DataSet> sets, Set<Rival> rivals) {
    /** Variants that are held against the program itself: once each, on some tables. */
    private static final Set<Rival> ONCE = EnumSet.of(Rival.SINK_256M, Rival.SINK_FULL);

    public Benchmark {
        sets = Set.copyOf(sets);
        rivals = Set.copyOf(rivals);
    }

    /**
     * What one of them came to on one table.
     *
     * @param runs what each cost
     * @param left what it left, that is: the same rows; null for a limit
     * @param narrow seconds that DuckDB takes to read two columns of that; 0 where nobody looked
     * @param sparkNarrow seconds that Spark takes; 0 where nobody looked
     */
    public record Line(
            DataSet set,
            Rival rival,
            List<Cost> runs,
            @Nullable Rows left,
            double narrow,
            double sparkNarrow) {
        Cost cost() {
            return Cost.middle(runs);
        }
    }

    /** The lines of a table as it was made, for the scans. */
    public record Source(DataSet set, Rows rows, double narrow, double sparkNarrow) {}

    /** All that came of it. */
    public record Results(List<Source> sources, List<Line> lines) {
        @Nullable
        Line of(DataSet set, Rival rival) {
            return lines.stream()
                    .filter(line -> line.set() == set && line.rival() == rival)
                    .findFirst()
                    .orElse(null);
        }
    }

    /** Runs all of it. */
    public Results run() throws IOException, InterruptedException, SQLException {
        Files.createDirectories(directory);
        Map<DataSet, Rows> sources = new EnumMap<>(DataSet.class);
        for (DataSet set : ordered()) {
            BenchTable table = table(set);
            table.make(seed, toy);
            sources.put(set, Rows.of(set, table.files(), table.deletes()));
            keep(set, "source", table.files());
            say("%s: %s", set, sources.get(set));
        }
        Map<DataSet, Map<Rival, List<Cost>>> costs = new EnumMap<>(DataSet.class);
        Map<DataSet, Map<Rival, Rows>> left = new EnumMap<>(DataSet.class);
        for (int round = 1; round <= rounds; round++) {
            for (DataSet set : ordered()) {
                for (Rival rival : inRound(round, set)) {
                    Cost cost = once(set, rival, left, sources);
                    costs.computeIfAbsent(set, s -> new EnumMap<>(Rival.class))
                            .computeIfAbsent(rival, r -> new ArrayList<>())
                            .add(cost);
                    say(
                            "round %d, %s, %s: %.2f s, %.2f CPU s, %d MB",
                            round, set, rival, cost.wall(), cost.cpu(), cost.peakMb());
                }
            }
        }
        return results(sources, costs, left);
    }

    private List<DataSet> ordered() {
        return sets.isEmpty() ? List.of() : List.copyOf(EnumSet.copyOf(sets));
    }

    private BenchTable table(DataSet set) {
        return new BenchTable(directory.resolve("warehouse"), set);
    }

    /** Who takes part, each round another one first. */
    private List<Rival> inRound(int round, DataSet set) {
        List<Rival> all = new ArrayList<>();
        for (Rival rival : EnumSet.copyOf(rivals)) {
            if (ONCE.contains(rival) ? round == 1 && isTried(rival, set) : isCompared(rival, set, round)) {
                all.add(rival);
            }
        }
        Collections.rotate(all, round - 1);
        return all;
    }

    private boolean isCompared(Rival rival, DataSet set, int round) {
        if (set == DataSet.TINY5000) {
            return rival == Rival.SINK && round == 1;
        }
        return rival != Rival.SPARK || round <= sparkRounds;
    }

    private static boolean isTried(Rival rival, DataSet set) {
        Set<DataSet> on = rival == Rival.SINK_256M
                ? EnumSet.of(DataSet.EVENTS, DataSet.TINY5000)
                : EnumSet.of(DataSet.EVENTS, DataSet.LINEITEM, DataSet.TINY);
        return on.contains(set);
    }

    private Cost once(DataSet set, Rival rival, Map<DataSet, Map<Rival, Rows>> left, Map<DataSet, Rows> sources)
            throws IOException, InterruptedException, SQLException {
        BenchTable table = table(set);
        Path work = directory.resolve("work");
        BenchTable.remove(work);
        Files.createDirectories(work);
        // What the one before has written must not be on its way to the disk while this one is timed.
        new ProcessBuilder("sync").start().waitFor();
        Cost cost = Cost.of(rival.prepared(table, work), directory.resolve("log"));
        Map<Rival, Rows> known = left.computeIfAbsent(set, s -> new EnumMap<>(Rival.class));
        if (rival.kind() != Kind.LIMIT && !known.containsKey(rival)) {
            Rows now = Rows.of(set, rival.left(table, work), rival == Rival.DUCKDB ? List.of() : table.deletes());
            Rows source = sources.get(set);
            if (source == null || !now.holds(source)) {
                throw new IllegalStateException(rival + " left other rows of " + set + ": " + now + ", not " + source);
            }
            if (rival.kind() == Kind.COMMITS && now.files() >= source.files()) {
                throw new IllegalStateException(
                        rival + " rewrote nothing of " + set + ":\n" + Files.readString(directory.resolve("log")));
            }
            known.put(rival, now);
            keep(set, rival.name(), rival.left(table, work));
        }
        table.reset();
        BenchTable.remove(work);
        return cost;
    }

    private Path kept(DataSet set, String of) {
        return directory.resolve("kept").resolve(set.toString()).resolve(of);
    }

    /** Another name for each file, for the scans at the end. */
    private void keep(DataSet set, String of, List<Path> files) throws IOException {
        Path directory = kept(set, of);
        BenchTable.remove(directory);
        Files.createDirectories(directory);
        for (Path file : files) {
            String name = file.getFileName().toString();
            Files.createLink(directory.resolve(name), file);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private Results results(
            Map<DataSet, Rows> sources, Map<DataSet, Map<Rival, List<Cost>>> costs, Map<DataSet, Map<Rival, Rows>> left)
            throws IOException, InterruptedException, SQLException {
        Map<Path, Double> spark = rivals.contains(Rival.SPARK) ? sparkScans(sources.keySet(), left) : Map.of();
        List<Source> made = new ArrayList<>();
        List<Line> lines = new ArrayList<>();
        for (Map.Entry<DataSet, Rows> source : sources.entrySet()) {
            DataSet set = source.getKey();
            Path whole = kept(set, "source");
            made.add(new Source(
                    set, source.getValue(), Rows.narrowScan(set, files(whole)), spark.getOrDefault(whole, 0.0)));
            for (Map.Entry<Rival, List<Cost>> rival :
                    costs.getOrDefault(set, Map.of()).entrySet()) {
                Rows rows = left.getOrDefault(set, Map.of()).get(rival.getKey());
                Path files = kept(set, rival.getKey().name());
                lines.add(new Line(
                        set,
                        rival.getKey(),
                        List.copyOf(rival.getValue()),
                        rows,
                        rows == null ? 0 : Rows.narrowScan(set, files(files)),
                        spark.getOrDefault(files, 0.0)));
            }
        }
        BenchTable.remove(directory.resolve("kept"));
        return new Results(made, lines);
    }

    /** The least of several times that Spark takes to read two columns, by the directory that holds the files. */
    private Map<Path, Double> sparkScans(Set<DataSet> of, Map<DataSet, Map<Rival, Rows>> left)
            throws IOException, InterruptedException {
        List<Path> directories = new ArrayList<>();
        List<String> statements = new ArrayList<>();
        int times = 4;
        for (DataSet set : of) {
            if (set == DataSet.TINY5000) {
                continue;
            }
            List<String> names = new ArrayList<>(List.of("source"));
            left.getOrDefault(set, Map.of()).keySet().stream()
                    .filter(rival -> !ONCE.contains(rival))
                    .forEach(rival -> names.add(rival.name()));
            for (String name : names) {
                directories.add(kept(set, name));
                String query = set.narrow("parquet.`" + kept(set, name) + "`");
                statements.addAll(Collections.nCopies(times, query));
            }
        }
        Path work = directory.resolve("scans");
        List<Double> seconds = new SparkSql(work, Map.of("spark.driver.memory", "4g")).timed(statements);
        BenchTable.remove(work);
        Map<Path, Double> least = new HashMap<>();
        for (int i = 0; i < directories.size(); i++) {
            least.put(directories.get(i), Collections.min(seconds.subList(i * times, (i + 1) * times)));
        }
        return least;
    }

    private static void say(String format, Object... values) {
        System.out.printf(format + "%n", values);
    }
}
