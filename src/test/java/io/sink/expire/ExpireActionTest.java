package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.storage.Journal;
import io.sink.storage.Journals;
import io.sink.table.FileKind;
import io.sink.table.ReadOnlyException;
import io.sink.table.ReadOnlyOperations;
import io.sink.table.TableFile;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpireActionTest {

    @TempDir
    Path warehouse;

    @Test
    void frees_exactly_the_files_that_no_surviving_snapshot_reaches() {
        PathTable table = table(2);
        table.append(1, 2);
        table.replace(3);
        table.replace(4);
        table.append(5);
        List<String> rows = table.reader().rows();

        ActionResult result = Expiry.keeping(2).execute(ops(table));

        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(left(table)).isEqualTo(needed(table));
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(result.effect().get(Counter.SNAPSHOTS_EXPIRED)).isEqualTo(2);
        assertThat(result.effect().get(Counter.DATA_FILES_DELETED)).isEqualTo(2);
    }

    @Test
    void says_from_when_on_what_only_its_age_keeps_may_go() {
        PathTable table = table(2);
        table.append(1);
        table.append(2);
        table.append(3);
        tag(table, "kept");
        table.append(4);
        table.append(5);
        List<Instant> due = StreamSupport.stream(table.load().snapshots().spliterator(), false)
                .map(snapshot ->
                        Instant.ofEpochMilli(snapshot.timestampMillis()).plus(Duration.ofDays(5)))
                .toList();

        ActionResult result = Expiry.keeping(1)
                .withOlderThan(new OlderThan.Age(Duration.ofDays(5)))
                .preview(ops(table));

        assertThat(result.reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(result.detail())
                .contains("; 3 more may go from %s on, the last of them from %s on".formatted(due.get(0), due.get(3)));
        assertThat(Expiry.keeping(3)
                        .withOlderThan(new OlderThan.Age(Duration.ofDays(5)))
                        .preview(ops(table))
                        .detail())
                .contains("; 2 more may go from %s on, the last of them from %s on".formatted(due.get(0), due.get(1)));
        assertThat(Expiry.keeping(4).preview(ops(table)).detail()).doesNotContain("may go");
    }

    @Test
    void a_dry_run_changes_no_byte_and_names_the_files_that_a_run_then_deletes() {
        for (int version : new int[] {1, 2, 3}) {
            PathTable table = PathTable.create(
                    warehouse,
                    "v" + version,
                    version,
                    Map.of(
                            "write.metadata.delete-after-commit.enabled", "true",
                            "write.metadata.previous-versions-max", "5"));
            DataFile first = table.append(1, 2, 3);
            if (version > 1) {
                table.delete(first, 0);
            }
            table.statistics(table.currentSnapshot());
            tag(table, "kept");
            table.replace(10, 11);
            table.append(12);
            branch(table, "audit");
            table.replace(20);
            table.statistics(table.currentSnapshot());
            table.replace(30);
            table.append(31);
            var before = Trees.contents(warehouse);

            ActionResult planned = Expiry.keeping(1).preview(ops(table));
            var afterPlan = Trees.contents(warehouse);
            SavedTree tree = SavedTree.of(table.location());
            ActionResult done = Expiry.keeping(1).execute(ops(table));

            assertThat(afterPlan).isEqualTo(before);
            assertThat(planned.reason()).isEqualTo(Reason.WOULD_EXPIRE);
            assertThat(done.reason()).isEqualTo(Reason.EXPIRED);
            assertThat(planned.files().deleted())
                    .isNotEmpty()
                    .isEqualTo(done.files().deleted());
            assertThat(planned.effect()).isEqualTo(done.effect());
            TreeSet<Path> gone = tree.files();
            gone.removeAll(SavedTree.files(table.location()));
            assertThat(done.files().deleted().stream().map(SecondReader::local))
                    .containsExactlyInAnyOrderElementsOf(gone);
            assertThat(done.effect().get(Counter.METADATA_FILES_DELETED)).isPositive();
        }
    }

    @Test
    void a_second_run_finds_nothing_and_changes_no_byte() {
        PathTable table = table(2);
        table.append(1);
        table.replace(2);
        Expiry.keeping(1).execute(ops(table));
        var before = Trees.contents(warehouse);

        ActionResult again = Expiry.keeping(1).execute(ops(table));

        assertThat(again.reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(Trees.contents(warehouse)).isEqualTo(before);
    }

    @Test
    void keeps_the_files_of_tags_and_branches_and_says_what_they_asked_for() {
        PathTable table = table(2);
        table.append(1);
        tag(table, "first");
        table.replace(2);
        table.append(3);
        branch(table, "audit");
        table.load().manageSnapshots().setMinSnapshotsToKeep("audit", 2).commit();
        table.replace(4);
        long tagged = table.load().snapshot("first").snapshotId();
        long audited = table.load().snapshot("audit").snapshotId();
        List<String> taggedRows = table.reader().rows(tagged);
        List<String> auditedRows = table.reader().rows(audited);

        ActionResult result = Expiry.keeping(1).execute(ops(table));

        assertThat(result.reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(result.detail()).contains("branch audit has its own min-snapshots-to-keep=2");
        assertThat(table.reader().rows(tagged)).isEqualTo(taggedRows);
        assertThat(table.reader().rows(audited)).isEqualTo(auditedRows);
    }

    @Test
    void a_tag_past_its_own_age_goes_with_what_only_it_held() {
        PathTable table = table(2);
        table.append(1);
        tag(table, "brief");
        table.load().manageSnapshots().setMaxRefAgeMs("brief", 1).commit();
        table.replace(2);

        ActionResult result = Expiry.keeping(1).execute(ops(table));

        assertThat(result.effect().get(Counter.REFS_REMOVED)).isEqualTo(1);
        assertThat(result.effect().get(Counter.SNAPSHOTS_EXPIRED)).isEqualTo(1);
        assertThat(table.load().refs()).containsOnlyKeys("main");
        assertThat(left(table)).isEqualTo(needed(table));
    }

    @Test
    void a_staged_snapshot_that_nobody_published_goes_when_it_is_old() {
        PathTable table = table(2);
        table.append(1);
        var staged = table.load();
        staged.newAppend().appendFile(table.append(2)).stageOnly().commit();

        ActionResult young = Expiry.keeping(1)
                .withOlderThan(new OlderThan.Age(Duration.ofHours(1)))
                .execute(ops(table));
        ActionResult old = Expiry.keeping(1).execute(ops(table));

        assertThat(young.reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(old.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(table.load().snapshots()).hasSize(1);
        assertThat(left(table)).isEqualTo(needed(table));
    }

    @Test
    void a_file_that_was_deleted_and_added_again_is_kept() {
        PathTable table = table(2);
        DataFile file = table.append(1);
        table.load().newDelete().deleteFile(file.location()).commit();
        table.append(2);
        table.load().newAppend().appendFile(file).commit();
        List<String> rows = table.reader().rows();

        ActionResult result = Expiry.keeping(1).execute(ops(table));

        assertThat(result.effect().get(Counter.DATA_FILES_DELETED)).isZero();
        assertThat(table.reader().rows()).isEqualTo(rows).hasSize(2);
    }

    @Test
    void gc_disabled_and_no_snapshot_are_reasons_of_their_own() {
        PathTable shared = PathTable.create(warehouse, "shared", 2, Map.of("gc.enabled", "false"));
        shared.append(1);
        PathTable empty = PathTable.create(warehouse, "empty", 2, Map.of());

        assertThat(Expiry.keeping(1).execute(ops(shared)).reason()).isEqualTo(Reason.GC_DISABLED);
        assertThat(Expiry.keeping(1).execute(ops(empty)).reason()).isEqualTo(Reason.NO_CURRENT_SNAPSHOT);
    }

    @Test
    void the_table_properties_decide_where_nothing_was_asked() {
        PathTable table = PathTable.create(
                warehouse,
                "t",
                2,
                Map.of("history.expire.max-snapshot-age-ms", "0", "history.expire.min-snapshots-to-keep", "3"));
        for (int i = 0; i < 5; i++) {
            table.replace(i);
        }

        ActionResult result = Expiry.byTable().execute(ops(table));

        assertThat(result.effect().get(Counter.SNAPSHOTS_EXPIRED)).isEqualTo(2);
        assertThat(result.detail())
                .contains("table property history.expire.max-snapshot-age-ms")
                .contains("last 3 of each branch kept (table property history.expire.min-snapshots-to-keep)");
    }

    @Test
    void a_property_that_is_no_number_is_an_error_that_names_it() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of("history.expire.min-snapshots-to-keep", "many"));
        table.append(1);

        ActionResult result = Expiry.byTable().execute(ops(table));

        assertThat(result.reason()).isEqualTo(Reason.EXPIRE_ERROR);
        assertThat(result.detail())
                .contains("history.expire.min-snapshots-to-keep")
                .contains("'many'");
    }

    @Test
    void a_cutoff_in_the_future_and_too_large_a_plan_are_refused_by_the_guard() {
        PathTable table = table(2);
        for (int i = 0; i < 5; i++) {
            table.replace(i);
        }
        var before = Trees.contents(warehouse);

        List<ActionResult> refused = List.of(
                Expiry.keeping(1)
                        .withOlderThan(new OlderThan.Before(Instant.now().plusSeconds(3600)))
                        .execute(ops(table)),
                Expiry.keeping(1).withMaxSnapshots(3).execute(ops(table)),
                Expiry.keeping(1).withMaxPercent(50).execute(ops(table)));

        assertThat(refused).allMatch(result -> result.reason() == Reason.EXPIRY_GUARD);
        assertThat(refused.get(1).detail()).contains("4 snapshots").contains("max-expire-snapshots 3");
        assertThat(Trees.contents(warehouse)).isEqualTo(before);
        assertThat(Expiry.keeping(1)
                        .withMaxPercent(90)
                        .withMaxSnapshots(4)
                        .execute(ops(table))
                        .reason())
                .isEqualTo(Reason.EXPIRED);
    }

    @Test
    void files_outside_of_the_table_are_left_and_named_even_if_a_manifest_points_at_them() throws IOException {
        PathTable victim = PathTable.create(warehouse, "t10", 2, Map.of());
        DataFile foreign = victim.append(1, 2);
        PathTable table = PathTable.create(warehouse, "t1", 2, Map.of());
        Path outside = Files.writeString(warehouse.resolve("precious.txt"), "x");
        Path above = Files.writeString(warehouse.resolve("above.txt"), "x");
        table.load()
                .newAppend()
                .appendFile(foreign)
                .appendFile(pointingAt(outside.toString()))
                .appendFile(pointingAt(table.location() + "/data/../../above.txt"))
                .commit();
        table.replace(5);

        ActionResult result = Expiry.keeping(1).execute(ops(table));

        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(Path.of(foreign.location())).exists();
        assertThat(outside).exists();
        assertThat(above).exists();
        assertThat(result.files().left()).hasSize(3).allMatch(left -> left.contains("not deleted"));
        assertThat(result.effect().get(Counter.FILES_LEFT)).isEqualTo(3);
        assertThat(victim.reader().rows()).hasSize(2);
    }

    @Test
    void a_link_inside_the_table_does_not_lead_a_deletion_out_of_it() throws IOException {
        PathTable table = table(2);
        Path elsewhere = Files.createDirectories(warehouse.resolve("elsewhere"));
        Path precious = Files.writeString(elsewhere.resolve("file.parquet"), "x");
        Files.createDirectories(table.location().resolve("data"));
        Files.createSymbolicLink(table.location().resolve("data/link"), elsewhere);
        table.load()
                .newAppend()
                .appendFile(pointingAt(table.location() + "/data/link/file.parquet"))
                .commit();
        table.replace(5);

        ActionResult result = Expiry.keeping(1).execute(ops(table));

        assertThat(precious).exists();
        assertThat(result.files().left()).singleElement().asString().contains("symbolic link");
    }

    @Test
    void a_journal_of_a_run_that_died_after_its_commit_is_finished_by_the_next_run() {
        PathTable table = table(2);
        DataFile gone = table.append(1);
        table.replace(2);
        table.replace(3);
        var metadata = ops(table).current();
        Set<Long> ids = metadata.snapshots().stream().map(s -> s.snapshotId()).collect(Collectors.toSet());
        ids.remove(metadata.currentSnapshot().snapshotId());
        TableOperations dying = ops(table);
        dying.commit(
                dying.current(),
                TableMetadata.buildFrom(dying.current()).removeSnapshots(ids).build());
        new Journals(ops(table))
                .write(new Journal(
                        "01DEAD",
                        "host",
                        Instant.now(),
                        List.copyOf(ids),
                        metadata.currentSnapshot().snapshotId(),
                        List.of(
                                new TableFile(gone.location(), FileKind.DATA),
                                new TableFile(
                                        metadata.currentSnapshot().manifestListLocation(), FileKind.MANIFEST_LIST))));

        ActionResult planned = Expiry.keeping(1).preview(ops(table));
        ActionResult result = Expiry.keeping(1).execute(ops(table));

        assertThat(planned.reason()).isEqualTo(Reason.WOULD_EXPIRE);
        assertThat(planned.files()).isEqualTo(result.files());
        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result.detail()).contains("finishes what run 01DEAD left");
        assertThat(result.files().deleted()).containsExactly(gone.location());
        assertThat(table.reader().rows()).hasSize(1);
        assertThat(SavedTree.files(warehouse)).noneMatch(file -> file.toString().contains("journal"));
    }

    /** A tag came between the journal and the commit, which so took fewer snapshots than were planned. */
    @Test
    void a_journal_of_which_some_snapshots_stayed_is_finished_by_a_later_run() {
        PathTable table = table(2);
        DataFile gone = table.append(1);
        table.replace(2);
        tag(table, "kept");
        DataFile kept = table.load()
                .currentSnapshot()
                .addedDataFiles(table.load().io())
                .iterator()
                .next();
        table.replace(3);
        var metadata = ops(table).current();
        List<Long> planned = metadata.snapshots().stream()
                .map(Snapshot::snapshotId)
                .filter(id -> id != metadata.currentSnapshot().snapshotId())
                .toList();
        Set<Long> taken = new HashSet<>(planned);
        taken.remove(metadata.ref("kept").snapshotId());
        TableOperations dying = ops(table);
        dying.commit(
                dying.current(),
                TableMetadata.buildFrom(dying.current()).removeSnapshots(taken).build());
        Journal journal = new Journal(
                "01DEAD",
                "host",
                Instant.now(),
                planned,
                metadata.currentSnapshot().snapshotId(),
                List.of(new TableFile(gone.location(), FileKind.DATA), new TableFile(kept.location(), FileKind.DATA)));
        new Journals(ops(table)).write(journal);

        ActionResult atOnce = Expiry.keeping(1).execute(ops(table));
        boolean waits = Files.exists(Path.of(new Journals(ops(table)).location("01DEAD")));
        ActionResult later =
                Expiry.keeping(1).at(Instant.now().plus(Duration.ofHours(2))).execute(ops(table));

        assertThat(atOnce.reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(waits).isTrue();
        assertThat(later.files().deleted()).containsExactly(gone.location());
        assertThat(Path.of(kept.location())).exists();
        assertThat(SavedTree.files(warehouse)).noneMatch(file -> file.toString().contains("journal"));
    }

    @Test
    void a_journal_that_a_dead_process_left_half_written_goes_at_once() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        String mine = new Journals(ops(table)).location("01DEAD");
        String started = "." + ProcessHandle.current().pid() + ".";
        // The same number, begun at another time: a process that is gone.
        Path dead = Path.of(mine.replaceFirst(Pattern.quote(started) + "[0-9]+", started + "1"));
        Path living = Path.of(mine);
        Files.createFile(dead);
        Files.createFile(living);

        Expiry.keeping(1).execute(ops(table));

        assertThat(dead).doesNotExist();
        assertThat(living).exists();
    }

    @Test
    void a_stop_before_the_commit_changes_nothing_and_one_after_it_leaves_a_journal() {
        PathTable table = table(2);
        table.append(1);
        table.replace(2);
        table.replace(3);
        var before = Trees.contents(warehouse);

        ActionResult stopped = Expiry.keeping(1).withStop(() -> true).execute(ops(table));
        var afterStop = Trees.contents(warehouse);
        int[] asked = {0};
        ActionResult later = Expiry.keeping(1).withStop(() -> asked[0]++ > 0).execute(ops(table));
        ActionResult next = Expiry.keeping(1).execute(ops(table));

        assertThat(stopped.reason()).isEqualTo(Reason.INTERRUPTED);
        assertThat(afterStop).isEqualTo(before);
        assertThat(later.reason()).isEqualTo(Reason.INTERRUPTED);
        assertThat(later.effect().get(Counter.SNAPSHOTS_EXPIRED)).isEqualTo(2);
        assertThat(later.files().left()).isNotEmpty();
        assertThat(next.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(left(table)).isEqualTo(needed(table));
    }

    @Test
    void appends_while_snapshots_expire_are_all_kept() throws Exception {
        PathTable table = PathTable.create(
                warehouse, "t", 2, Map.of("commit.retry.num-retries", "20", "commit.retry.min-wait-ms", "1"));
        for (int i = 0; i < 5; i++) {
            table.replace(i);
        }
        Set<Long> appended = new HashSet<>();
        var writer = Executors.newSingleThreadExecutor();
        var writing = writer.submit(() -> {
            for (long id = 100; id < 130; id++) {
                table.append(id);
                appended.add(id);
            }
        });
        for (int i = 0; i < 10; i++) {
            ActionResult result = Expiry.keeping(1).execute(ops(table));
            assertThat(result.reason()).isIn(Reason.EXPIRED, Reason.NOTHING_TO_EXPIRE, Reason.COMMIT_CONFLICT);
        }
        writing.get();
        writer.shutdown();

        assertThat(Expiry.keeping(1).execute(ops(table)).reason()).isIn(Reason.EXPIRED, Reason.NOTHING_TO_EXPIRE);
        assertThat(table.reader().rows()).hasSize(appended.size() + 1);
        assertThat(left(table)).isEqualTo(needed(table));
    }

    @Test
    void a_dry_runs_table_refuses_to_write() {
        PathTable table = table(2);
        table.append(1);
        TableOperations readOnly = new ReadOnlyOperations(ops(table));

        assertThatThrownBy(() -> readOnly.commit(readOnly.current(), readOnly.current()))
                .isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> readOnly.io().deleteFile("x")).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> readOnly.io().newOutputFile("x")).isInstanceOf(ReadOnlyException.class);
    }

    private PathTable table(int formatVersion) {
        return PathTable.create(warehouse, "t", formatVersion, Map.of());
    }

    private static TableOperations ops(PathTable table) {
        return table.load().operations();
    }

    private static void tag(PathTable table, String name) {
        table.load().manageSnapshots().createTag(name, table.currentSnapshot()).commit();
    }

    private static void branch(PathTable table, String name) {
        table.load()
                .manageSnapshots()
                .createBranch(name, table.currentSnapshot())
                .commit();
    }

    private static DataFile pointingAt(String path) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(path)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(1)
                .withRecordCount(1)
                .build();
    }

    /** Files but metadata and the hint, which are no business of an expiry. */
    private static Set<Path> left(PathTable table) {
        return SavedTree.files(table.location()).stream()
                .filter(file -> !file.toString().endsWith(".metadata.json"))
                .filter(file -> !file.toString().endsWith("version-hint.text"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Path> needed(PathTable table) {
        return table.reader().reachable().stream()
                .filter(file -> !file.toString().endsWith(".metadata.json"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
