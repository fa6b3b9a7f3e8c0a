package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import lib.Lake;
import lib.LakeTable;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program's commit reaches the catalog right after another writer's, and loses. */
class CompactAgainstWriters {
    private static final String TABLE = "lake.web.events";
    private static final String COMMIT = "POST /v1/namespaces/web/tables/events";

    @TempDir
    Path directory;

    private Lake lake;
    private LakeTable table;
    private RestServer server;
    private Sink sink;

    @BeforeEach
    void serve_a_fragmented_table() throws IOException {
        lake = Lake.make(directory);
        table = lake.create("events", 3, Map.of());
        for (long file = 0; file < 8; file++) {
            table.appendAndDeleteFirst(10 * file, 10 * file + 1, 10 * file + 2);
        }
        server = RestServer.start(lake.catalog());
        sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  lake: { type: rest, uri: "%s" }
                maintenance:
                  compact: { min-data-files: 5 }
                """.formatted(server.uri()));
    }

    @AfterEach
    void close() {
        server.close();
        lake.close();
    }

    /** A writer's commit. */
    private interface Write {
        void to(LakeTable table) throws IOException;
    }

    @Test
    void an_append_wins_and_the_next_run_compacts_it_too() throws IOException, InterruptedException {
        losesTo(writer -> writer.append(100, 101));

        assertThat(lake.reader("events").rows()).hasSize(18);
        compacts();
    }

    @Test
    void a_row_that_is_deleted_meanwhile_stays_deleted() throws IOException, InterruptedException {
        losesTo(writer -> writer.deleteEqual(11));

        assertThat(lake.reader("events").rows()).hasSize(15).noneMatch(row -> row.contains("\"id\":11,"));
        compacts();
    }

    @Test
    void files_that_are_replaced_meanwhile_stay_replaced() throws IOException, InterruptedException {
        losesTo(writer -> writer.replace(200));

        assertThat(lake.reader("events").rows()).hasSize(1);
        Report next = sink.maintain("--compact");
        assertThat(next.action(TABLE, "compact").reason()).isEqualTo("below-threshold");
    }

    private void losesTo(Write write) throws IOException, InterruptedException {
        AtomicBoolean struck = new AtomicBoolean();
        server.intercept(new Interceptor() {
            @Override
            public Answer before(String method, String path) {
                if ((method + " " + path).equals(COMMIT) && struck.compareAndSet(false, true)) {
                    try {
                        write.to(new LakeTable(lake.catalog().loadTable(Lake.id("events"))));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                return Answer.PASS;
            }
        });

        Report report = sink.maintain("--compact", "--retain-last", "100");

        Action action = report.action(TABLE, "compact");
        assertThat(struck).isTrue();
        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(action.reason()).as("%s", report).isEqualTo("commit-conflict");
        assertThat(action.outcome()).isEqualTo("deferred");
        assertThat(action.effect("files_staged")).isPositive().isEqualTo(action.effect("staged_files_deleted"));
        assertThat(action.leftFiles()).isEmpty();
        assertThat(server.requests().stream().filter(COMMIT::equals)).hasSize(1);
        assertNothingSuperfluous();
    }

    private void compacts() throws IOException, InterruptedException {
        List<String> rows = lake.reader("events").rows();

        Report next = sink.maintain("--compact", "--retain-last", "100");
        Report again = sink.maintain("--compact", "--retain-last", "100");

        assertThat(next.action(TABLE, "compact").reason()).as("%s", next).isEqualTo("compacted");
        assertThat(again.action(TABLE, "compact").reason()).isIn("below-threshold", "nothing-to-rewrite");
        assertThat(lake.reader("events").rows()).isEqualTo(rows);
        assertNothingSuperfluous();
    }

    private void assertNothingSuperfluous() {
        SecondReader reader = lake.reader("events");
        assertThat(reader.reachable()).allMatch(Files::exists);
        TreeSet<Path> files = SavedTree.files(lake.table("events"));
        files.removeAll(reader.reachable());
        assertThat(files).isEmpty();
    }
}
