package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor.Answer;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a REST server answers to the commit of a rewrite, and what really became of it. */
class CompactOverRestTest {
    private static final TableIdentifier T = TableIdentifier.of("db", "t");

    @TempDir
    Path directory;

    private JdbcCatalog backend;
    private RestServer server;
    private List<String> rows;

    @BeforeEach
    void serve_a_table() throws Exception {
        backend = SqliteCatalog.make("lake", directory);
        server = RestServer.start(backend);
        backend.createNamespace(Namespace.of("db"));
        make();
        rows = reader().rows();
    }

    private void make() throws IOException {
        BaseTable table = (BaseTable) backend.createTable(T, PathTable.SCHEMA);
        for (long id = 0; id < 3; id++) {
            Record row = GenericRecord.create(PathTable.SCHEMA);
            row.setField("id", id);
            new TableChanges(table).append(List.of(row));
        }
    }

    @AfterEach
    void close() {
        server.close();
        backend.close();
    }

    @Test
    void a_commit_that_was_applied_and_sent_again_after_a_503_is_compacted() {
        commits(Answer.PASS, Answer.status(503, "ServiceUnavailable", Map.of("Retry-After", "0")), 1);

        landed(compact());
        assertThat(posts()).isGreaterThan(1);
    }

    @Test
    void a_commit_that_was_applied_before_the_connection_dropped_is_compacted() {
        commits(Answer.PASS, Answer.DROP, Integer.MAX_VALUE);

        landed(compact());
    }

    @Test
    void a_commit_that_was_applied_and_answered_with_500_is_compacted() {
        commits(Answer.PASS, Answer.status(500, "InternalServerError"), Integer.MAX_VALUE);

        landed(compact());
    }

    @Test
    void a_commit_that_was_applied_and_answered_with_401_is_compacted() {
        commits(Answer.PASS, Answer.status(401, "NotAuthorizedException"), Integer.MAX_VALUE);

        landed(compact());
    }

    @Test
    void a_commit_that_was_applied_and_answered_with_409_is_compacted() {
        commits(Answer.PASS, Answer.status(409, "CommitFailedException"), Integer.MAX_VALUE);

        landed(compact());
    }

    @Test
    void a_commit_that_was_not_applied_and_answered_with_500_is_unknown_and_every_staged_file_is_listed() {
        TreeSet<Path> before = SavedTree.files(directory);
        commits(Answer.status(500, "InternalServerError"), Answer.PASS, Integer.MAX_VALUE);

        ActionResult result = compact();

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
        assertThat(reader().rows()).isEqualTo(rows);
        TreeSet<Path> left = unneeded(before);
        left.removeIf(file -> file.toString().contains("sink-staged"));
        assertThat(left)
                .isNotEmpty()
                .allMatch(file -> result.files().left().stream().anyMatch(said -> said.contains(file.toString())));
        settledLater(before);
    }

    @Test
    void a_commit_that_was_refused_leaves_nothing() {
        for (Answer answer : List.of(
                Answer.status(401, "NotAuthorizedException"),
                Answer.status(403, "ForbiddenException"),
                Answer.status(409, "CommitFailedException"),
                Answer.status(400, "BadRequestException"),
                Answer.status(404, "NoSuchTableException"))) {
            TreeSet<Path> before = SavedTree.files(directory);
            commits(answer, Answer.PASS, Integer.MAX_VALUE);

            ActionResult result = compact();

            assertThat(reader().rows()).as(answer + " " + result).isEqualTo(rows);
            if (result.reason() == Reason.COMMIT_STATE_UNKNOWN) {
                settledLater(before);
            }
            assertThat(unneeded(before)).as(answer + " " + result).isEmpty();
        }
    }

    @Test
    void a_token_that_runs_out_before_the_table_can_be_read_again_is_unknown() {
        TreeSet<Path> before = SavedTree.files(directory);
        AtomicInteger commits = new AtomicInteger();
        server.intercept(new RestServer.Interceptor() {
            @Override
            public Answer before(String method, String path) {
                boolean commit = method.equals("POST") && path.endsWith("/tables/t");
                int seen = commit ? commits.incrementAndGet() : commits.get();
                return seen > 0 ? Answer.status(401, "NotAuthorizedException") : Answer.PASS;
            }
        });

        ActionResult result = compact();

        server.intercept(new RestServer.Interceptor() {});
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
        settledLater(before);
    }

    @Test
    void a_table_that_is_dropped_and_made_anew_meanwhile_is_not_touched() throws Exception {
        AtomicInteger commits = new AtomicInteger();
        server.intercept(new RestServer.Interceptor() {
            @Override
            public Answer before(String method, String path) {
                if (method.equals("POST") && path.endsWith("/tables/t") && commits.getAndIncrement() == 0) {
                    backend.dropTable(T, false);
                    try {
                        make();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return Answer.PASS;
            }
        });

        ActionResult result = compact();

        // The staged files stay, since nobody knows whether a renamed table has them, and leftovers are no success.
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(result.detail()).startsWith("no-table: ");
        assertThat(reader().rows()).isEqualTo(rows);
        assertThat(reader().reachable()).allMatch(Files::exists);
        List<String> said = result.files().left();
        assertThat(SavedTree.files(directory).stream()
                        .filter(file -> file.toString().contains("/data/")
                                && file.toString().contains("01RUN")))
                .allMatch(file -> said.stream().anyMatch(left -> left.contains(file.toString())));
    }

    private void commits(Answer before, Answer after, int times) {
        AtomicInteger left = new AtomicInteger(times);
        server.intercept(new RestServer.Interceptor() {
            @Override
            public Answer before(String method, String path) {
                return commit(method, path) && !before.equals(Answer.PASS) && left.getAndDecrement() > 0
                        ? before
                        : Answer.PASS;
            }

            @Override
            public Answer after(String method, String path) {
                return commit(method, path) && !after.equals(Answer.PASS) && left.getAndDecrement() > 0
                        ? after
                        : Answer.PASS;
            }

            private static boolean commit(String method, String path) {
                return method.equals("POST") && path.endsWith("/tables/t");
            }
        });
    }

    private long posts() {
        return server.requests().stream()
                .filter(request -> request.startsWith("POST") && request.endsWith("/tables/t"))
                .count();
    }

    private void landed(ActionResult result) {
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(reader().reachable()).as(result.toString()).allMatch(Files::exists);
        assertThat(reader().rows()).isEqualTo(rows);
        assertThat(((BaseTable) backend.loadTable(T)).currentSnapshot().snapshotId())
                .isEqualTo(result.committedSnapshotId());
        assertThat(SavedTree.files(directory)).noneMatch(file -> file.toString().contains("sink-staged"));
    }

    private void settledLater(TreeSet<Path> before) {
        server.intercept(new RestServer.Interceptor() {});
        try (TableSource source = OpenCatalogs.open("lake", "rest", Map.of("uri", server.uri()), directory)) {
            ActionResult result = Compacting.settling()
                    .at(Instant.now().plus(Duration.ofHours(25)))
                    .execute(source.load(new TableRef("lake", List.of("db"), "t"))
                            .operations());
            assertThat(unneeded(before)).as(result.toString()).isEmpty();
        }
        assertThat(reader().rows()).isEqualTo(rows);
    }

    private TreeSet<Path> unneeded(TreeSet<Path> before) {
        TreeSet<Path> files = SavedTree.files(directory);
        files.removeAll(before);
        files.removeAll(reader().reachable());
        return files.stream()
                .filter(file -> !file.toString().contains("catalog.db"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private ActionResult compact() {
        try (TableSource source = OpenCatalogs.open("lake", "rest", Map.of("uri", server.uri()), directory)) {
            return Compacting.small()
                    .execute(source.load(new TableRef("lake", List.of("db"), "t"))
                            .operations());
        }
    }

    private SecondReader reader() {
        return SecondReader.of(
                SecondReader.local(((BaseTable) backend.loadTable(T))
                        .operations()
                        .current()
                        .metadataFileLocation()),
                SecondReader::local);
    }
}
