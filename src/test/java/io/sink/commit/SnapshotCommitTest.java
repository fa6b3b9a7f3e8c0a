package io.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.commit.CountedEntries.Intent;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.DelegatingOperations;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Producers that do something else than was planned. */
class SnapshotCommitTest {
    @TempDir
    Path warehouse;

    private PathTable table;
    private List<DataFile> live;
    private List<String> rows;
    private Set<Path> files;

    @BeforeEach
    void make_a_table_of_three_files() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2);
        table.append(3);
        table.append(4);
        table.load().rewriteManifests().clusterBy(file -> "").commit();
        live = liveFiles();
        rows = table.reader().rows();
        files = SavedTree.files(warehouse);
    }

    @Test
    void a_producer_that_does_what_was_planned_commits() {
        ActionResult result =
                once(made -> made.newDelete().deleteFile(live.get(0)), intent(live.subList(0, 1), List.of()));

        assertThat(result.reason()).as(result.detail()).isEqualTo(Reason.COMPACTED);
        assertThat(table.reader().rows())
                .hasSize(rows.size() - (int) live.get(0).recordCount());
    }

    @Test
    void a_producer_that_removes_one_entry_more_is_stopped_before_anything_is_sent() {
        ActionResult result = once(
                made -> made.newDelete().deleteFile(live.get(0)).deleteFile(live.get(1)),
                intent(live.subList(0, 1), List.of()));

        assertUntouched(result, "was to keep");
    }

    @Test
    void a_producer_that_removes_one_entry_less_is_stopped_before_anything_is_sent() {
        ActionResult result =
                once(made -> made.newDelete().deleteFile(live.get(0)), intent(live.subList(0, 2), List.of()));

        assertUntouched(result, "was to take out 2 data files");
    }

    @Test
    void a_producer_that_adds_an_entry_is_stopped_before_anything_is_sent() {
        ActionResult result = once(
                made -> made.newOverwrite().deleteFile(live.get(0)).addFile(live.get(1)),
                intent(live.subList(0, 1), List.of()));

        assertUntouched(result, "was to keep");
    }

    @Test
    void a_second_entry_that_goes_with_the_one_that_was_planned_is_noticed() {
        table.load().newFastAppend().appendFile(live.get(0)).commit();
        table.load().rewriteManifests().clusterBy(file -> "").commit();
        List<DataFile> all = liveFiles();
        DataFile one = all.stream()
                .filter(file -> file.location().equals(live.get(0).location()))
                .findFirst()
                .orElseThrow();
        rows = table.reader().rows();
        files = SavedTree.files(warehouse);

        ActionResult result = once(made -> made.newDelete().deleteFile(one), intent(List.of(one), List.of()));

        assertUntouched(result, "was to take out 1 data files");
    }

    @Test
    void a_change_that_refuses_its_rehearsal_is_not_sent() {
        ActionResult result = once(change(
                made -> made.newDelete().deleteFile(live.get(0)),
                intent(live.subList(0, 1), List.of()),
                new Looks(
                        () -> {
                            throw new ProofFailedException("not as it should be");
                        },
                        () -> {})));

        assertUntouched(result, "not as it should be");
    }

    @Test
    void a_run_that_is_stopped_or_late_right_before_the_request_does_not_send_it() {
        for (boolean late : new boolean[] {false, true}) {
            AtomicBoolean now = new AtomicBoolean();
            StopSignal stop = new StopSignal() {
                @Override
                public boolean stopped() {
                    return !late && now.get();
                }

                @Override
                public boolean pastDeadline() {
                    return late && now.get();
                }
            };

            ActionResult result = commit(table.load().operations(), stop, InstantSource.system())
                    .once(
                            change(
                                    made -> made.newDelete().deleteFile(live.get(0)),
                                    intent(live.subList(0, 1), List.of()),
                                    new Looks(() -> now.set(true), () -> {})),
                            id -> ActionResult.of(Reason.COMPACTED, "snapshot " + id));

            assertThat(result.reason()).isEqualTo(late ? Reason.DEADLINE_REACHED : Reason.INTERRUPTED);
            assertThat(table.reader().rows()).isEqualTo(rows);
            assertThat(SavedTree.files(warehouse)).isEqualTo(files);
        }
    }

    @Test
    void a_run_that_slept_for_too_long_right_before_the_request_does_not_send_it() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

        AtomicBoolean asked = new AtomicBoolean();
        TableOperations ops = table.load().operations();
        TableOperations told = new DelegatingOperations(ops, ops.io()) {
            @Override
            public void commit(TableMetadata base, TableMetadata metadata) {
                asked.set(true);
                ops.commit(base, metadata);
            }
        };

        ActionResult result = commit(told, StopSignal.NEVER, now::get)
                .once(
                        change(
                                made -> made.newDelete().deleteFile(live.get(0)),
                                intent(live.subList(0, 1), List.of()),
                                new Looks(
                                        () -> {}, () -> now.updateAndGet(before -> before.plus(Duration.ofHours(13))))),
                        id -> ActionResult.of(Reason.COMPACTED, "snapshot " + id));

        // A client that writes the metadata file itself would be stopped later, by the entry for that file.
        assertThat(asked).as("the catalog was asked to commit").isFalse();
        assertThat(result.detail()).contains("another run may delete the staged files");
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(SavedTree.files(warehouse)).isEqualTo(files);
    }

    private void assertUntouched(ActionResult result, String detail) {
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(SavedTree.files(warehouse)).isEqualTo(files);
        assertThat(result.reason()).as(result.detail()).isEqualTo(Reason.ROW_PROOF_FAILED);
        assertThat(result.detail()).contains(detail);
    }

    private Intent intent(List<DataFile> out, List<DataFile> in) {
        return new Intent("main", table.currentSnapshot(), out, Set.of(), 0, in, 0);
    }

    private ActionResult once(Function<Table, SnapshotUpdate<?>> update, Intent intent) {
        // It looks at nothing, so that the count is alone.
        return once(change(update, intent, new Looks(() -> {}, () -> {})));
    }

    private ActionResult once(SnapshotCommit.Change change) {
        return commit(table.load().operations(), StopSignal.NEVER, InstantSource.system())
                .once(change, id -> ActionResult.of(Reason.COMPACTED, "snapshot " + id));
    }

    private static SnapshotCommit commit(TableOperations ops, StopSignal stop, InstantSource clock) {
        return new SnapshotCommit(
                new Subject("made.t", ops, true, "01RUN", "host", Instant.now(), stop), "test", clock);
    }

    /**
     * If Iceberg merged manifests between the last look at the table and the request, that would take longer the larger
     * the table is.
     */
    @Test
    void merges_manifests_in_the_rehearsal_and_not_after_it() {
        for (boolean others : new boolean[] {false, true}) {
            table.load()
                    .updateProperties()
                    .set("commit.manifest.min-count-to-merge", "2")
                    .commit();
            for (int i = 0; i < 3; i++) {
                DataFile added = table.append(10 + i);
                live.add(added);
            }
            AtomicBoolean first = new AtomicBoolean(true);
            DataFile gone = live.remove(0);
            Set<String> before = manifests();
            SnapshotCommit.Change change = change(
                    made -> made.newDelete().deleteFile(gone),
                    intent(List.of(gone), List.of()),
                    new Looks(
                            () -> {
                                if (others && first.getAndSet(false)) {
                                    live.add(table.append(20));
                                }
                            },
                            () -> {}));

            ActionResult result = once(new SnapshotCommit.Change() {
                @Override
                public SnapshotUpdate<?> on(Table made) {
                    return change.on(made);
                }

                @Override
                public boolean mergesManifests() {
                    return true;
                }

                @Override
                public Intent intent() {
                    return change.intent();
                }

                @Override
                public void rehearsed(TableMetadata base, Snapshot next) {
                    change.rehearsed(base, next);
                }

                @Override
                public void lastLook(TableMetadata base, Snapshot next) {
                    change.lastLook(base, next);
                }
            });

            assertThat(result.reason()).as(result.detail()).isEqualTo(Reason.COMPACTED);
            assertThat(locations(liveFiles())).isEqualTo(locations(live));
            Set<String> after = manifests();
            after.retainAll(before);
            if (others) {
                assertThat(after).as("manifests that are as they were").hasSizeGreaterThan(1);
            } else {
                assertThat(after).as("Iceberg merged all that it could").isEmpty();
            }
        }
    }

    private static Set<String> locations(List<DataFile> of) {
        return of.stream().map(DataFile::location).collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> manifests() {
        Table loaded = table.load();
        return loaded.currentSnapshot().allManifests(loaded.io()).stream()
                .map(ManifestFile::path)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The table is changed, and nothing that fails later makes anybody ask whether it is. */
    @Test
    void a_failure_after_a_commit_that_landed_is_no_commit_of_unknown_state() {
        SnapshotCommit commit = commit(table.load().operations(), StopSignal.NEVER, InstantSource.system());
        SnapshotCommit.Change change = change(
                made -> made.newDelete().deleteFile(live.get(0)),
                intent(live.subList(0, 1), List.of()),
                new Looks(() -> {}, () -> {}));

        assertThatThrownBy(() -> commit.once(change, id -> {
                    throw new IllegalStateException("the storage is gone");
                }))
                .hasMessage("the storage is gone");
        assertThat(table.reader().rows())
                .hasSize(rows.size() - (int) live.get(0).recordCount());
    }

    @Test
    void when_a_commit_is_sent_the_journal_says_so() {
        List<String> kinds = new ArrayList<>();
        TableOperations ops = table.load().operations();
        TableOperations watched = new DelegatingOperations(ops, ops.io()) {
            @Override
            public void commit(TableMetadata base, TableMetadata next) {
                kinds.addAll(kindsOfEntries());
                ops.commit(base, next);
            }
        };

        ActionResult result = Compacting.small().execute(watched);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(kinds).contains("commit");
    }

    @Test
    void what_landed_is_told_though_the_table_is_dropped_before_its_files_are_settled() {
        TableOperations ops = table.load().operations();
        AtomicInteger reads = new AtomicInteger(-1);
        TableOperations dropped = new DelegatingOperations(ops, ops.io()) {
            @Override
            public void commit(TableMetadata base, TableMetadata next) {
                ops.commit(base, next);
                reads.set(0);
            }

            @Override
            public TableMetadata refresh() {
                // The first look after the commit is the one that finds it.
                if (reads.get() >= 0 && reads.incrementAndGet() > 1) {
                    throw new NoSuchTableException("dropped");
                }
                return super.refresh();
            }

            @Override
            @SuppressWarnings("NullAway") // as Iceberg's client does of a table that is gone
            public TableMetadata current() {
                return reads.get() > 1 ? null : super.current();
            }
        };

        ActionResult result = Compacting.small().execute(dropped);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.committedSnapshotId()).isEqualTo(table.currentSnapshot());
        assertThat(result.findings().groups().listed()).isNotEmpty();
    }

    private List<String> kindsOfEntries() {
        List<String> kinds = new ArrayList<>();
        for (Path file : SavedTree.files(table.location())) {
            if (file.getFileName().toString().startsWith("sink-staged-")) {
                try {
                    kinds.add(new ObjectMapper()
                            .readTree(file.toFile())
                            .path("kind")
                            .asText());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return kinds;
    }

    /** What happens at the rehearsal, and right before the request. */
    private record Looks(Runnable rehearsed, Runnable last) {}

    private static SnapshotCommit.Change change(Function<Table, SnapshotUpdate<?>> update, Intent intent, Looks looks) {
        return new SnapshotCommit.Change() {
            @Override
            public SnapshotUpdate<?> on(Table made) {
                return update.apply(made);
            }

            @Override
            public Intent intent() {
                return intent;
            }

            @Override
            public void rehearsed(TableMetadata base, Snapshot next) {
                looks.rehearsed().run();
            }

            @Override
            public void lastLook(TableMetadata base, Snapshot next) {
                looks.last().run();
            }
        };
    }

    private List<DataFile> liveFiles() {
        Table loaded = table.load();
        List<DataFile> found = new ArrayList<>();
        for (ManifestFile manifest : loaded.currentSnapshot().dataManifests(loaded.io())) {
            ManifestFiles.read(manifest, loaded.io(), loaded.specs())
                    .forEach(file -> found.add(file.copyWithoutStats()));
        }
        return found;
    }
}
