package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.ExampleRows;
import io.sink.testing.ForeignColumns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lib.CorpusTable;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every Parquet file below a directory is compacted and says the same as before, by DuckDB and by Parquet's own example
 * reader, or is refused with a reason.
 *
 * <p>{@code -Dsink.corpus=DIR} names the directory, which is otherwise that of the project's own files.
 */
class CorpusCompacts {
    private static final Path CORPUS = Path.of(System.getProperty("sink.home", ""))
            .resolve(System.getProperty("sink.corpus", "src/test/resources/world"))
            .toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    private static final String EQUAL = "compacted and equal";
    private static final String REFUSED = "refused";
    private static final String FAILED = "failed";
    private static final String EMPTY = "no column that a table can have";
    private static final String DIFFERING = "differing";
    private static final String UNCHECKED = "compacted, and read by nobody else";

    @TempDir
    Path directory;

    private static final Map<String, Reader> READERS =
            new TreeMap<>(Map.of("DuckDB", CorpusCompacts::byDuckDb, "parquet-java", ExampleRows::of));

    /** What became of one table. */
    private record Result(CorpusTable table, String outcome, String reason, String detail) {}

    @Test
    void every_file_is_compacted_and_equal_or_refused_with_its_reason() throws Exception {
        Path warehouse = Files.createDirectory(directory.resolve("paths"));
        List<CorpusTable> tables = tables(warehouse);
        assertThat(tables).as("%s", CORPUS).isNotEmpty();
        Sink sink = Sink.in(directory).with("SINK_JAVA_OPTS", "-Xmx256m").configured("""
                version: 1
                catalogs:
                  paths: { type: path, warehouse: ./paths }
                maintenance:
                  compact: { min-data-files: 2, min-input-files: 2, verify: full }
                """);

        Report report = sink.start("maintain", "--report", "json", "--compact")
                .ended(PATIENCE)
                .report();

        List<Result> results = new ArrayList<>();
        for (CorpusTable table : tables) {
            results.add(result(table, report.action("paths." + table.name(), "compact")));
        }
        print(results);
        assertThat(results)
                .as("%s", report)
                .noneMatch(result ->
                        result.outcome().equals(DIFFERING) || result.outcome().equals(UNCHECKED))
                .noneMatch(
                        result -> List.of("internal-error", "row-proof-failed").contains(result.reason()))
                .allMatch(result ->
                        result.outcome().equals(EQUAL) || !result.detail().isBlank());
    }

    private static List<CorpusTable> tables(Path warehouse) throws IOException {
        List<CorpusTable> tables = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(CORPUS)) {
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                if (CORPUS.relativize(file).toString().contains(".parq")) {
                    String name = CORPUS.relativize(file).toString().replaceAll("\\W", "_");
                    tables.addAll(CorpusTable.of(warehouse, name, file));
                }
            }
        }
        return tables;
    }

    private static Result result(CorpusTable table, Action action) throws IOException {
        ForeignColumns columns = table.columns();
        if (columns != null && columns.positions().isEmpty()) {
            return new Result(table, EMPTY, action.reason(), action.detail());
        }
        if (!action.reason().equals("compacted")) {
            String outcome = action.outcome().equals("failed") ? FAILED : REFUSED;
            return new Result(table, outcome, action.reason(), action.detail());
        }
        if (columns == null) {
            return new Result(table, DIFFERING, "compacted", "a file whose footer nobody reads");
        }
        List<Path> live = table.live();
        assertThat(live).doesNotContainAnyElementsOf(table.copies());
        List<Integer> written =
                IntStream.range(0, columns.positions().size()).boxed().toList();
        String detail = action.detail();
        int opinions = 0;
        for (Map.Entry<String, Reader> reader : READERS.entrySet()) {
            List<String> before;
            try {
                // What footers claim of their columns is no opinion of what is in them.
                before = rows(
                        reader.getValue(),
                        Collections.nCopies(table.copies().size(), table.withoutStatistics()),
                        columns.positions());
            } catch (IOException | SQLException | RuntimeException unread) {
                detail += "; " + reader.getKey() + " cannot read it: " + line(unread);
                continue;
            }
            try {
                String difference = difference(before, rows(reader.getValue(), live, written));
                if (difference != null) {
                    return new Result(table, DIFFERING, "compacted", "by " + reader.getKey() + " " + difference);
                }
            } catch (IOException | SQLException | RuntimeException unread) {
                return new Result(
                        table, DIFFERING, "compacted", reader.getKey() + " cannot read it any more: " + line(unread));
            }
            opinions++;
        }
        return new Result(table, opinions == 0 ? UNCHECKED : EQUAL, "compacted", detail);
    }

    /** Says the columns at these positions of every row. */
    private interface Reader {
        List<String> rows(Path file, List<Integer> positions) throws IOException, SQLException;
    }

    private static String line(Exception e) {
        String said = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
        return said.substring(0, Math.min(said.length(), 160));
    }

    private static List<String> rows(Reader reader, List<Path> files, List<Integer> positions)
            throws IOException, SQLException {
        List<String> rows = new ArrayList<>();
        for (Path file : files) {
            rows.addAll(reader.rows(file, positions));
        }
        rows.sort(null);
        return rows;
    }

    private static @Nullable String difference(List<String> before, List<String> after) {
        if (before.equals(after)) {
            return null;
        }
        List<String> missing = new ArrayList<>(before);
        after.forEach(missing::remove);
        List<String> made = new ArrayList<>(after);
        before.forEach(made::remove);
        return "%d rows became %d; there were %s, and now are %s"
                .formatted(before.size(), after.size(), some(missing), some(made));
    }

    private static String some(List<String> rows) {
        return rows.stream().limit(3).toList().toString();
    }

    private static List<String> byDuckDb(Path file, List<Integer> positions) throws SQLException {
        String columns = positions.stream()
                .map(position -> "#" + (position + 1) + "::VARCHAR")
                .collect(Collectors.joining(", "));
        List<String> rows = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET disabled_optimizers = 'statistics_propagation'");
            statement.execute("SET TimeZone = 'UTC'");
            try (ResultSet result = statement.executeQuery(
                    "SELECT " + columns + " FROM read_parquet('" + file + "', hive_partitioning = false)")) {
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= positions.size(); i++) {
                        row.add(result.getString(i));
                    }
                    rows.add(String.join(" | ", row));
                }
            }
        }
        return rows;
    }

    private static void print(List<Result> results) {
        for (Result result : results) {
            ForeignColumns columns = result.table().columns();
            System.out.printf(
                    "%-60s %-22s %-20s %s%s%n",
                    result.table().name(),
                    result.outcome(),
                    result.reason(),
                    result.detail(),
                    columns == null || columns.leftOut().isEmpty() ? "" : "; without " + columns.leftOut());
        }
        Map<String, Long> counts = results.stream()
                .collect(Collectors.groupingBy(
                        result -> result.outcome() + (result.outcome().equals(EQUAL) ? "" : ": " + result.reason()),
                        TreeMap::new,
                        Collectors.counting()));
        System.out.printf("%d tables of %s%n", results.size(), CORPUS);
        counts.forEach((outcome, count) -> System.out.printf("%6d %s%n", count, outcome));
    }
}
