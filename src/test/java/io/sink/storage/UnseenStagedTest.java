package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.Gate;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.DenyingStorage;
import io.sink.testing.Faults;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Staged files of which the store says 404. One that is there is deleted all the same, and forgotten when a listing
 * agrees; one that may still come to be is not forgotten before its lease ends.
 */
class UnseenStagedTest {
    private static final Duration LEASE_OVER = StagedFiles.LEASE.plusHours(1);

    @TempDir
    static Path folder;

    private static S3Server server;
    private static PathWarehouse warehouse;
    private static TableSource source;
    private static int tables;
    private TableOperations ops;
    private String staged;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder);
        warehouse = PathWarehouse.onS3(server, "s3://lake/w");
        Files.createDirectories(server.locate("s3://lake/w"));
        source = warehouse.open();
    }

    @AfterAll
    static void stop() {
        source.close();
        server.close();
    }

    @BeforeEach
    void make_a_table() throws IOException {
        PathTable table = PathTable.create(warehouse, source, "t" + ++tables, 2, Map.of());
        table.append(1);
        ops = table.load().operations();
        staged = ops.locationProvider().newDataLocation("left.parquet");
        Files.createDirectories(server.locate(staged).getParent());
    }

    @Test
    void it_is_deleted_and_forgotten_when_the_listing_agrees() throws IOException {
        StagedFiles staging = staging(DenyingStorage.of(ops, staged::equals));
        put();

        TakenAway result = staging.takeAway();

        assertThat(result.left()).isEmpty();
        assertThat(result.deletedPaths()).containsExactly(staged);
        assertThat(server.locate(staged)).doesNotExist();
        assertThat(entries()).isEmpty();
    }

    @Test
    void its_entry_stays_as_long_as_it_is_listed() throws IOException {
        StagedFiles staging = staging(DenyingStorage.of(ops, staged::equals, true, false));
        put();

        TakenAway result = staging.takeAway();

        assertThat(result.left()).containsOnlyKeys(staged);
        assertThat(result.left().get(staged)).contains("says that it is not there, and lists it");
        assertThat(entries()).hasSize(1);
    }

    @Test
    void its_entry_lives_as_long_as_its_lease_where_nobody_may_list() throws IOException {
        TableOperations blind = DenyingStorage.of(ops, staged::equals, false, true);
        StagedFiles staging = staging(blind);
        put();

        TakenAway result = staging.takeAway();

        assertThat(server.locate(staged)).doesNotExist();
        assertThat(result.deleted()).isEmpty();
        assertThat(result.left()).isEmpty();
        assertThat(result.awaited()).containsExactly(staged);
        assertThat(entries()).hasSize(1);

        AbandonedStaging.find(ops, Instant.now().plus(LEASE_OVER), false, EarlierTables.none(ops))
                .stagings()
                .forEach(late -> late.settle(blind, alone(blind)));

        assertThat(entries()).isEmpty();
    }

    private static Ownership alone(TableOperations of) {
        Locations locations = Locations.of(of.current(), of.io());
        return new Ownership("made.t", of.current(), locations, of.io(), OtherTables.NONE, () -> {});
    }

    @Test
    void what_a_dead_run_had_announced_and_comes_later_is_settled_when_it_has_come() throws IOException {
        staging(ops, dead()).announce(staged);

        ActionResult first = Compacting.settling().execute(ops);
        ActionResult second = Compacting.settling().preview(ops);
        put();
        ActionResult third = Compacting.settling().execute(ops);

        assertThat(List.of(first.reason(), second.reason()))
                .as(first.toString())
                .containsOnly(Reason.NOTHING_TO_SETTLE);
        assertThat(first.detail()).contains("later runs look again");
        assertThat(third.reason()).as(third.toString()).isEqualTo(Reason.SETTLED);
        assertThat(third.effect().get(Counter.STAGED_FILES_DELETED)).isEqualTo(1);
        assertThat(server.locate(staged)).doesNotExist();
        assertThat(entries()).isEmpty();
    }

    @Test
    void what_a_dead_run_had_announced_and_never_comes_is_forgotten_with_its_lease() throws IOException {
        StagedFiles staging = staging(ops, dead());
        staging.announce(staged);
        staging.commitIsNext();

        Compacting.settling().at(Instant.now().plus(LEASE_OVER)).execute(ops);

        assertThat(entries()).isEmpty();
    }

    /** The entry of which nobody can say what it is may be the one that says that the commit was sent. */
    @Test
    void a_run_of_which_an_entry_is_listed_and_cannot_be_read_is_left_alone() throws IOException {
        StagedFiles staging = staging(ops, dead());
        staging.announce(staged);
        put();
        for (Predicate<String> unread :
                List.<Predicate<String>>of(path -> path.contains("sink-staged-"), path -> false)) {
            if (!unread.test("sink-staged-")) {
                for (Path entry : entries()) {
                    Files.writeString(entry, "{");
                }
            }

            ActionResult result = Compacting.settling()
                    .at(Instant.now().plus(LEASE_OVER))
                    .execute(DenyingStorage.withUnread(ops, unread));

            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.NOTHING_TO_SETTLE);
            assertThat(result.detail()).contains("is listed and cannot be read");
            assertThat(server.locate(staged)).exists();
            assertThat(entries()).hasSize(1);
        }
    }

    @Test
    void a_write_without_an_answer_is_looked_for_by_later_runs() throws IOException {
        Faults files = Faults.none().failing(("close of " + staged)::equals, RuntimeIOException::new);
        TableOperations gated = new Gate().before(new FaultyOperations(ops, Faults.none(), files));
        StagedFiles staging = staging(gated);
        try (OutputStream out = gated.io().newOutputFile(staged).create()) {
            out.write(1);
        } catch (IOException unanswered) {
            assertThat(unanswered).hasMessageContaining("injected");
        }

        TakenAway result = staging.takeAway();

        assertThat(result.left()).isEmpty();
        assertThat(result.awaited()).containsExactly(staged);
        assertThat(entries()).hasSize(1);
    }

    @Test
    void a_file_that_was_never_to_be_finished_is_forgotten_at_once() throws IOException {
        TableOperations gated = new Gate().before(ops);
        StagedFiles staging = staging(gated);
        OutputStream half = gated.io().newOutputFile(staged).create();
        half.write(1);

        TakenAway result = staging.takeAway();

        assertThat(result.awaited()).isEmpty();
        assertThat(entries()).isEmpty();
    }

    private StagedFiles staging(TableOperations on) {
        StagedFiles staging = staging(on, new Owner("another-host", 1, 1));
        staging.announce(staged);
        return staging;
    }

    private static StagedFiles staging(TableOperations on, Owner owner) {
        return new StagedFiles(on, "run", owner, Instant::now);
    }

    /** A process of this host that is gone. */
    private static Owner dead() {
        return new Owner(Owner.current().place(), Owner.current().pid(), 1);
    }

    private void put() throws IOException {
        Files.writeString(server.locate(staged), "staged");
    }

    private List<Path> entries() throws IOException {
        try (var files = Files.walk(server.locate(ops.current().location()))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(StagedFiles.PREFIX))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }
}
