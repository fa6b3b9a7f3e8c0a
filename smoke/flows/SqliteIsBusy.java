package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.SavedTree;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeSet;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Running;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A SQLite catalog that another process has locked: it is waited for, and who waits in vain says so and left nothing.
 */
class SqliteIsBusy {
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./lake/catalog.db", warehouse: ./lake, jdbc.busy_timeout: %d }
            maintenance:
              compact: { min-data-files: 3, min-input-files: 2 }
            """;

    @TempDir
    Path directory;

    private Lake lake;

    @BeforeEach
    void make_a_table() throws IOException {
        lake = Lake.make(directory);
        lake.create("events", 2, Map.of()).append(1).append(2).append(3);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /** {@code IMMEDIATE} keeps writers out and lets readers in: the table loads, and its commit finds the lock. */
    @Test
    void who_waits_in_vain_to_commit_says_so_and_leaves_no_file() throws Exception {
        TreeSet<Path> before = SavedTree.files(lake.directory());

        Report report;
        try (Lock lock = new Lock("IMMEDIATE")) {
            report = Sink.in(directory).configured(CONFIGURATION.formatted(500)).maintain("--compact");
        }

        Action action = report.action("lake.web.events", "compact");
        assertThat(action.reason()).as("%s", report).isEqualTo("catalog-unreachable");
        assertThat(action.detail()).contains("database is locked");
        assertThat(report.exit()).isEqualTo(21);
        assertThat(lake.reader("events").rows()).hasSize(3);
        TreeSet<Path> more = SavedTree.files(lake.directory());
        more.removeAll(before);
        more.removeIf(file -> file.toString().endsWith(".metadata.json"));
        assertThat(more).isEmpty();
    }

    @Test
    void who_cannot_even_read_says_which_catalog() throws Exception {
        Report report;
        try (Lock lock = new Lock("EXCLUSIVE")) {
            report = Sink.in(directory).configured(CONFIGURATION.formatted(500)).maintain("--compact");
        }

        assertThat(report.exit()).as("%s", report).isEqualTo(22);
        assertThat(report.action("lake").reason()).isEqualTo("catalog-unreachable");
        assertThat(report.action("lake").detail()).contains("database is locked");
    }

    @Test
    void a_lock_that_ends_in_time_is_waited_for() throws Exception {
        Running running;
        try (Lock lock = new Lock("IMMEDIATE")) {
            running = Sink.in(directory)
                    .configured(CONFIGURATION.formatted(60_000))
                    .start("maintain", "--compact", "--report", "json", "-v");
            running.awaitStderr("begin");
            Thread.sleep(4_000); // longer than the driver waits of itself
            assertThat(running.process().isAlive()).isTrue();
        }

        Report report = running.ended().report();

        assertThat(report.action("lake.web.events", "compact").reason()).isEqualTo("compacted");
        assertThat(lake.reader("events").rows()).hasSize(3);
    }

    /** Another connection's lock on the database. */
    private final class Lock implements AutoCloseable {
        private final Connection connection;

        Lock(String kind) throws SQLException {
            connection = DriverManager.getConnection(
                    "jdbc:sqlite:" + lake.directory().resolve("catalog.db"));
            try (Statement statement = connection.createStatement()) {
                statement.execute("BEGIN " + kind);
            }
        }

        @Override
        public void close() throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("ROLLBACK");
            }
            connection.close();
        }
    }
}
