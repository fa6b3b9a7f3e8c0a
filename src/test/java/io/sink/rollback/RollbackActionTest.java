package io.sink.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.ReplayedCommit;
import io.sink.testing.SavedTree;
import io.sink.testing.StruckOperations;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollbackActionTest {
    @TempDir
    Path warehouse;

    private PathTable table;
    private DataFile first;
    private long early;
    private List<String> rows;

    @BeforeEach
    void make() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        first = table.append(1, 2, 3);
        table.append(4);
        early = table.currentSnapshot();
        rows = table.reader().rows();
        table.append(5);
        table.replace(6);
    }

    @Test
    void main_reads_as_it_read_then_and_every_snapshot_and_file_stays() {
        Map<String, Long> before = Trees.contents(warehouse);
        Set<Path> reachable = table.reader().reachable();

        ActionResult planned = to(early).preview(table.load().operations());
        Map<String, Long> afterPlan = Trees.contents(warehouse);
        ActionResult done = to(early).execute(table.load().operations());

        assertThat(afterPlan).isEqualTo(before);
        assertThat(planned.reason()).as(planned.detail()).isEqualTo(Reason.WOULD_ROLL_BACK);
        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.ROLLED_BACK);
        assertThat(done.detail())
                .isEqualTo(planned.detail())
                .contains("snapshots that leave it and stay in the table until they expire: 2");
        assertThat(table.currentSnapshot()).isEqualTo(early);
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(table.load().snapshots()).hasSize(4);
        assertThat(table.reader().reachable()).containsAll(reachable);
        assertThat(SavedTree.files(warehouse)).noneMatch(file -> file.toString().contains("sink-staged"));
        assertThat(to(early).execute(table.load().operations()).reason()).isEqualTo(Reason.NOTHING_TO_ROLL_BACK);
    }

    @Test
    void a_branch_is_set_back_and_main_stays() {
        long main = table.currentSnapshot();
        table.load().manageSnapshots().createBranch("audit", main).commit();

        ActionResult done = on("audit", early).execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.ROLLED_BACK);
        assertThat(table.currentSnapshot()).isEqualTo(main);
        assertThat(table.load().snapshot("audit").snapshotId()).isEqualTo(early);
        assertThat(table.reader().rows(early)).isEqualTo(rows);
    }

    @Test
    void what_is_no_earlier_snapshot_of_the_branch_is_refused_and_nothing_is_written() {
        BaseTable loaded = table.load();
        long elsewhere = table.currentSnapshot();
        loaded.manageSnapshots().rollbackTo(early).commit();
        loaded.manageSnapshots().createTag("then", early).commit();
        Map<String, Long> before = Trees.contents(warehouse);

        refused(to(elsewhere), "is not an ancestor of branch main");
        refused(to(77), "the table has no snapshot 77");
        refused(on("none", early), "the table has no branch none");
        refused(on("then", early), "then is a tag, not a branch");

        assertThat(Trees.contents(warehouse)).isEqualTo(before);
    }

    @Test
    void a_snapshot_of_which_a_file_is_gone_or_cut_is_refused_with_its_name() throws IOException {
        Path data = table.locate(first.location());
        byte[] bytes = Files.readAllBytes(data);
        Files.write(data, new byte[bytes.length - 1]);
        refused(to(early), data.getFileName().toString(), "has " + (bytes.length - 1) + " bytes");
        Files.delete(data);
        refused(to(early), "1 are not as they should be", data.getFileName() + " is missing");
        Files.write(data, bytes);

        table.statistics(early);
        for (String kind : List.of("stats-" + early + ".puffin", "partition-stats-" + early + ".parquet")) {
            Path statistics = table.location().resolve("metadata/" + kind);
            byte[] said = Files.readAllBytes(statistics);
            Files.delete(statistics);
            refused(to(early), "1 are not as they should be", kind + " is missing");
            Files.write(statistics, said);
        }

        Path manifest = table.locate(manifest());
        byte[] whole = Files.readAllBytes(manifest);
        Files.delete(manifest);
        ActionResult unread = to(early).execute(table.load().operations());
        Files.write(manifest, whole);

        assertThat(unread.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(unread.detail())
                .contains("nothing was changed", manifest.getFileName().toString());
        assertThat(to(early).execute(table.load().operations()).reason()).isEqualTo(Reason.ROLLED_BACK);
    }

    @Test
    void a_branch_that_grows_or_a_snapshot_that_expires_meanwhile_is_a_failure_and_no_skip() {
        Map<String, Runnable> others = Map.of(
                "append", () -> table.append(7),
                "expiry of the target",
                        () -> table.load()
                                .expireSnapshots()
                                .expireSnapshotId(early)
                                .cleanExpiredFiles(false)
                                .commit());

        others.forEach((name, other) -> {
            make();
            long head = table.currentSnapshot();
            ActionResult result =
                    to(early).execute(new StruckOperations(table.load().operations(), 1, other));

            assertThat(result.reason()).as(name + result).isEqualTo(Reason.ROLLBACK_REFUSED);
            assertThat(table.load().currentSnapshot().snapshotId()).as(name).isNotEqualTo(early);
            assertThat(table.load().snapshot(head)).as(name).isNotNull();
            assertThat(SavedTree.files(warehouse))
                    .noneMatch(file -> file.toString().contains("sink-staged"));
        });
    }

    @Test
    void what_others_build_on_a_rollback_that_was_called_a_conflict_does_not_hide_it() {
        Map<String, Runnable> others = Map.of(
                "nothing", () -> {},
                "two appends",
                        () -> {
                            table.append(7);
                            table.append(8);
                        },
                "an append, and only that stays",
                        () -> {
                            table.append(7);
                            expireAllButTheHead();
                        });

        others.forEach((name, other) -> {
            make();
            ActionResult result =
                    to(early).execute(new ReplayedCommit(table.load().operations(), other));

            assertThat(result.reason()).as(name + result).isEqualTo(Reason.ROLLED_BACK);
            assertThat(table.reader().rows()).as(name).containsAll(rows);
        });
    }

    @Test
    void what_others_made_of_the_branch_is_no_rollback_of_ours() {
        Map<String, LongConsumer> others =
                Map.of("back to the head", this::setMain, "back to a snapshot in between and on from there", head -> {
                    setMain(table.load().snapshot(head).parentId());
                    table.append(7);
                });

        others.forEach((name, other) -> {
            make();
            long head = table.currentSnapshot();
            ActionResult result =
                    to(early).execute(new ReplayedCommit(table.load().operations(), () -> other.accept(head)));

            assertThat(result.reason()).as(name + result).isEqualTo(Reason.ROLLBACK_REFUSED);
        });
    }

    @Test
    void where_the_past_is_gone_that_might_tell_it_is_unknown_and_nothing_is_deleted() {
        Map<String, Runnable> others = Map.of(
                "two appends, of which the last stays",
                        () -> {
                            table.append(7);
                            table.append(8);
                            expireAllButTheHead();
                        },
                "further back",
                        () -> setMain(table.load().snapshots().iterator().next().snapshotId()));

        others.forEach((name, other) -> {
            make();
            ActionResult result =
                    to(early).execute(new ReplayedCommit(table.load().operations(), other));

            assertThat(result.reason()).as(name + result).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
            assertThat(table.reader().reachable()).as(name).allMatch(Files::exists);
            assertThat(Compacting.settling().execute(table.load().operations()).outcome())
                    .as(name)
                    .isNotEqualTo(Outcome.FAILED);
            assertThat(table.reader().reachable()).as(name).allMatch(Files::exists);
        });
    }

    @Test
    void a_stop_before_the_commit_changes_nothing() {
        long head = table.currentSnapshot();
        boolean[] stopped = new boolean[1];
        Acting<RollbackPolicy> acting = to(early).withStop(() -> stopped[0]);
        var plan = acting.plan(table.load().operations());
        stopped[0] = true;

        assertThat(plan.execute().reason()).isEqualTo(Reason.INTERRUPTED);
        assertThat(table.currentSnapshot()).isEqualTo(head);
    }

    private void setMain(long snapshot) {
        table.load().manageSnapshots().setCurrentSnapshot(snapshot).commit();
    }

    private void expireAllButTheHead() {
        table.load()
                .expireSnapshots()
                .expireOlderThan(System.currentTimeMillis() + 1_000)
                .retainLast(1)
                .cleanExpiredFiles(false)
                .commit();
    }

    private String manifest() {
        ManifestFile manifest =
                table.load().snapshot(early).allManifests(table.load().io()).get(0);
        return manifest.path();
    }

    private void refused(Acting<RollbackPolicy> acting, String... why) {
        ActionResult result = acting.execute(table.load().operations());
        assertThat(result.reason()).as(result.detail()).isEqualTo(Reason.ROLLBACK_REFUSED);
        assertThat(result.detail()).contains(why);
    }

    private static Acting<RollbackPolicy> to(long snapshot) {
        return on("main", snapshot);
    }

    private static Acting<RollbackPolicy> on(String branch, long snapshot) {
        return Acting.of(new RollbackAction(), new RollbackPolicy(snapshot, branch));
    }
}
