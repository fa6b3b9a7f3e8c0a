package flows;

import static org.assertj.core.api.Assertions.assertThat;

import bench.BenchReport;
import bench.Benchmark;
import bench.Benchmark.Results;
import bench.DataSet;
import bench.Rival;
import bench.StartUp;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a compaction costs, beside Spark, DuckDB and limits. Without properties it is tried on tables of a few rows,
 * without Spark, and asserts that each program leaves the rows as they were; it asserts no time.
 *
 * <p>System properties: {@code sink.bench=full} for tables of full size, which writes the figures to
 * {@code smoke/bench} and into {@code src/docs/cost.md}; {@code sink.bench.rounds} (3); {@code sink.bench.spark}, rounds with Spark
 * among them (1); {@code sink.bench.sets} and {@code sink.bench.rivals}, names with commas between (all), which write
 * figures to {@code target/bench} alone; {@code sink.bench.before}, the start script of another build that takes part;
 * {@code sink.bench.dir}, where the tables are kept ({@code target/bench});
 * {@code sink.seed}.
 */
class CompactionBenchmark {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();
    private static final boolean TOY = !System.getProperty("sink.bench", "").equals("full");
    private static final boolean WHOLE =
            System.getProperty("sink.bench.sets") == null && System.getProperty("sink.bench.rivals") == null;
    private static final int ROUNDS = Integer.getInteger("sink.bench.rounds", TOY ? 1 : 3);
    private static final int SPARK_ROUNDS = Integer.getInteger("sink.bench.spark", 1);
    private static final long SEED = Seeds.kept(20261121L);

    @TempDir
    Path directory;

    @Test
    void every_program_leaves_the_rows_as_they_were() throws IOException, InterruptedException, SQLException {
        Set<DataSet> sets = chosen(DataSet.class, "sink.bench.sets");
        Set<Rival> rivals = chosen(Rival.class, "sink.bench.rivals");
        if (System.getProperty("sink.bench.before") == null) {
            rivals.remove(Rival.SINK_BEFORE);
        }
        if (TOY && WHOLE) {
            rivals.remove(Rival.SPARK);
            // Of a few rows, the others are as these are.
            sets.removeAll(EnumSet.of(DataSet.TINY, DataSet.TINY5000));
        }
        Path tables = TOY ? directory : Path.of(System.getProperty("sink.bench.dir", HOME + "/target/bench"));

        StartUp start = StartUp.measured(HOME, directory, TOY ? 1 : 7);
        Results results = new Benchmark(tables, TOY, SEED, ROUNDS, SPARK_ROUNDS, sets, rivals).run();

        BenchReport report = BenchReport.of(results, start);
        Path figures = TOY || !WHOLE ? tables : HOME.resolve("smoke/bench");
        report.write(figures);
        System.out.println(Files.readString(figures.resolve("results.md")));
        if (!TOY && WHOLE) {
            report.writeInto(HOME.resolve("src/docs/cost.md"));
        }
        assertThat(results.lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.runs()).as("%s", line).isNotEmpty());
    }

    private static <E extends Enum<E>> Set<E> chosen(Class<E> all, String property) {
        String names = System.getProperty(property);
        if (names == null) {
            return EnumSet.allOf(all);
        }
        Set<E> chosen = EnumSet.noneOf(all);
        Arrays.stream(names.split(","))
                .map(name -> Enum.valueOf(all, name.strip().toUpperCase(Locale.ROOT)))
                .forEach(chosen::add);
        return chosen;
    }
}
