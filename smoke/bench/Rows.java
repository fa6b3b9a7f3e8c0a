package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;

/**
 * What DuckDB and the footers say of a set of files.
 *
 * @param hashes a sum over hashes of whole rows, which knows no order
 * @param seconds that it took to read all of it for that
 */
public record Rows(int files, long bytes, int rowGroups, long rows, String hashes, double seconds) {
    /** The live rows of data files without a table. */
    static String select(List<Path> files, List<Path> deletes) {
        return deletes.isEmpty()
                ? "SELECT * FROM " + parquet(files)
                : "SELECT * EXCLUDE (filename, file_row_number) FROM read_parquet(" + list(files)
                        + ", filename = true, file_row_number = true) AS d ANTI JOIN " + parquet(deletes)
                        + " AS x ON d.filename = x.file_path AND d.file_row_number = x.pos";
    }

    /** The files as a table of DuckDB's. */
    static String parquet(List<Path> files) {
        return "read_parquet(" + list(files) + ")";
    }

    private static String list(List<Path> files) {
        return files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", ", "[", "]"));
    }

    /** Reads every row. */
    public static Rows of(DataSet set, List<Path> files, List<Path> deletes) throws SQLException, IOException {
        String columns = set.schema().columns().stream()
                .map(column -> "\"" + column.name() + "\"")
                .collect(Collectors.joining(", "));
        long start = System.nanoTime();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET threads = " + Rival.THREADS);
            try (ResultSet sums = statement.executeQuery("SELECT count(*), CAST(sum(CAST(hash(row(" + columns
                    + ")) AS HUGEINT)) AS VARCHAR) FROM (" + select(files, deletes) + ")")) {
                sums.next();
                double seconds = (System.nanoTime() - start) / 1e9;
                long bytes = 0;
                int rowGroups = 0;
                for (Path file : files) {
                    bytes += Files.size(file);
                    rowGroups += rowGroups(file);
                }
                return new Rows(files.size(), bytes, rowGroups, sums.getLong(1), sums.getString(2), seconds);
            }
        }
    }

    private static int rowGroups(Path file) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(
                new LocalInputFile(file),
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build())) {
            return reader.getFooter().getBlocks().size();
        }
    }

    /** Seconds that DuckDB takes for a query that reads two columns: the least of several. */
    public static double narrowScan(DataSet set, List<Path> files) throws SQLException {
        double least = Double.MAX_VALUE;
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET threads = " + Rival.THREADS);
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                try (ResultSet rows = statement.executeQuery(set.narrow(parquet(files)))) {
                    rows.next();
                }
                least = Math.min(least, (System.nanoTime() - start) / 1e9);
            }
        }
        return least;
    }

    /** Whether these are the same rows. */
    public boolean holds(Rows others) {
        return rows == others.rows && hashes.equals(others.hashes);
    }
}
