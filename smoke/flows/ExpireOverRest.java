package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import io.sink.testing.RestServer.Interceptor.Answer;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import lib.Before;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table behind a REST catalog, whose answers to the commit get lost in every way that hurt others. */
class ExpireOverRest {
    private static final String TABLE = "lake.web.events";
    private static final String COMMIT = "POST /v1/namespaces/web/tables/events";

    @TempDir
    Path directory;

    private Lake lake;
    private RestServer server;
    private Sink sink;
    private Before before;

    @BeforeEach
    void serve_a_table_with_four_snapshots_to_expire() throws IOException {
        lake = Lake.make(directory);
        lake.create("events", 2, Map.of())
                .appendAndDeleteFirst(1, 2, 3)
                .statistics()
                .replace(4)
                .tag("kept")
                .replace(5)
                .append(6)
                .append(7)
                .append(8);
        server = RestServer.start(lake.catalog());
        sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  lake: { type: rest, uri: "%s", rest.client.max-retries: 1 }
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                """.formatted(server.uri()));
        before = lake.before("events");
    }

    @AfterEach
    void close() {
        server.close();
        lake.close();
    }

    @Test
    void the_expiry_is_one_commit_and_the_dry_run_sends_none() throws IOException, InterruptedException {
        Report dry = sink.maintain("--dry-run");

        assertThat(dry.reasons()).containsExactly(Map.entry(TABLE, "would-expire"));
        assertThat(before.gone()).isEmpty();
        assertThat(server.requests()).allMatch(request -> request.startsWith("GET "));

        Report report = sink.maintain();

        assertExpired(report);
        assertThat(report.action(TABLE).deletedFiles())
                .isEqualTo(dry.action(TABLE).deletedFiles());
        assertThat(commits()).isEqualTo(1);
        assertNothingMoreToDo();
    }

    @Test
    void a_commit_that_was_applied_and_is_refused_when_sent_again_is_reported_as_expired()
            throws IOException, InterruptedException {
        server.intercept(new OnCommit(
                nth -> nth == 1 ? Answer.PASS : Answer.status(409, "CommitFailedException"),
                nth -> Answer.status(503, "ServiceUnavailableException", Map.of("Retry-After", "1"))));

        Report report = sink.maintain();

        assertThat(commits()).isEqualTo(2);
        assertExpired(report);
        assertNothingMoreToDo();
    }

    @Test
    void a_commit_whose_connection_drops_after_it_was_applied_is_found_in_the_table()
            throws IOException, InterruptedException {
        server.intercept(new OnCommit(nth -> Answer.PASS, nth -> Answer.DROP));

        Report report = sink.maintain();

        assertExpired(report);
        assertNothingMoreToDo();
    }

    @Test
    void a_commit_of_unknown_state_leaves_everything_and_a_journal_and_the_next_run_finishes()
            throws IOException, InterruptedException {
        server.intercept(new OnCommit(nth -> Answer.status(500, "InternalServerError"), nth -> Answer.PASS));

        Report unknown = sink.maintain();

        Action action = unknown.action(TABLE);
        assertThat(unknown.exit()).isEqualTo(23);
        assertThat(action.reason()).isEqualTo("commit-state-unknown");
        assertThat(action.effect("snapshots_expired")).isZero();
        assertThat(before.expired()).isEmpty();
        assertThat(before.gone()).isEmpty();
        assertThat(journals())
                .singleElement()
                .satisfies(journal -> assertThat(action.detail())
                        .contains(journal.getFileName().toString()));
        before.assertRowsKept();

        server.intercept(new Interceptor() {});
        Report next = sink.maintain();

        assertExpired(next);
        assertNothingMoreToDo();
    }

    @Test
    void
            a_commit_that_was_applied_and_answered_with_an_error_while_the_table_cannot_be_read_is_finished_by_the_next_run()
                    throws IOException, InterruptedException {
        server.intercept(new Interceptor() {
            private volatile boolean committed;

            @Override
            public Answer before(String method, String path) {
                return committed ? Answer.status(500, "InternalServerError") : Answer.PASS;
            }

            @Override
            public Answer after(String method, String path) {
                if (!COMMIT.equals(method + " " + path)) {
                    return Answer.PASS;
                }
                committed = true;
                return Answer.status(500, "InternalServerError");
            }
        });

        Report unknown = sink.maintain();

        assertThat(unknown.exit()).isEqualTo(23);
        assertThat(unknown.action(TABLE).reason()).isEqualTo("commit-state-unknown");
        assertThat(before.gone()).isEmpty();
        assertThat(journals()).hasSize(1);
        before.assertRowsKept();

        server.intercept(new Interceptor() {});
        Report next = sink.maintain();

        assertThat(next.exit()).isZero();
        assertThat(next.reasons()).containsExactly(Map.entry(TABLE, "expired"));
        assertThat(next.action(TABLE).deletedFiles()).hasSize(before.gone().size());
        before.assertRowsKept();
        before.assertNothingSuperfluous();
        assertNothingMoreToDo();
    }

    @Test
    void a_forbidden_commit_is_a_failure_that_changes_nothing() throws IOException, InterruptedException {
        Map<String, Long> tree = Trees.contents(lake.directory());
        server.intercept(new OnCommit(nth -> Answer.status(403, "ForbiddenException"), nth -> Answer.PASS));

        Report report = sink.maintain();

        assertThat(report.exit()).isEqualTo(21);
        assertThat(report.reasons()).containsExactly(Map.entry(TABLE, "permission-denied"));
        assertThat(report.action(TABLE).effect("snapshots_expired")).isZero();
        assertThat(Trees.contents(lake.directory())).isEqualTo(tree);
    }

    private void assertExpired(Report report) throws IOException {
        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(report.reasons()).containsExactly(Map.entry(TABLE, "expired"));
        assertThat(report.action(TABLE).effect("snapshots_expired")).isEqualTo(4);
        assertThat(report.action(TABLE).effect("data_files_deleted")).isEqualTo(1);
        assertThat(report.action(TABLE).effect("delete_files_deleted")).isEqualTo(1);
        assertThat(report.action(TABLE).effect("statistics_files_deleted")).isEqualTo(2);
        before.assertMaintained(report.action(TABLE));
        assertThat(journals()).isEmpty();
    }

    private void assertNothingMoreToDo() throws IOException, InterruptedException {
        Map<String, Long> tree = Trees.contents(lake.directory());
        Report again = sink.maintain();
        assertThat(again.exit()).isZero();
        assertThat(again.reasons()).containsExactly(Map.entry(TABLE, "nothing-to-expire"));
        assertThat(Trees.contents(lake.directory())).isEqualTo(tree);
    }

    private long commits() {
        return server.requests().stream().filter(COMMIT::equals).count();
    }

    private List<Path> journals() throws IOException {
        try (Stream<Path> files = Files.list(lake.table("events").resolve("metadata"))) {
            return files.filter(file -> file.getFileName().toString().contains("journal"))
                    .toList();
        }
    }

    /** Answers the commits, counted from 1, before and after their effect. */
    private static final class OnCommit implements Interceptor {
        private final IntFunction<Answer> before;
        private final IntFunction<Answer> after;
        private final AtomicInteger commits = new AtomicInteger();

        OnCommit(IntFunction<Answer> before, IntFunction<Answer> after) {
            this.before = before;
            this.after = after;
        }

        @Override
        public Answer before(String method, String path) {
            return COMMIT.equals(method + " " + path) ? before.apply(commits.incrementAndGet()) : Answer.PASS;
        }

        @Override
        public Answer after(String method, String path) {
            return COMMIT.equals(method + " " + path) ? after.apply(commits.get()) : Answer.PASS;
        }
    }
}
