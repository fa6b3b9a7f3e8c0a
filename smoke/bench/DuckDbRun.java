package bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** DuckDB as a process of its own: {@code java … bench.DuckDbRun <threads> <file of one statement>}. */
final class DuckDbRun {
    private DuckDbRun() {}

    public static void main(String[] args) throws Exception {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET threads = " + Integer.parseInt(args[0]));
            statement.execute(Files.readString(Path.of(args[1])));
        }
    }
}
