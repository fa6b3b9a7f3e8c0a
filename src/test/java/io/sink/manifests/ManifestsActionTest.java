package io.sink.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.StruckOperations;
import io.sink.testing.TableChanges;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.TypeUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsActionTest {
    @TempDir
    Path warehouse;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void many_manifests_become_one_and_every_entry_is_as_it_was(int formatVersion) throws Exception {
        PathTable table = PathTable.create(warehouse, "t", formatVersion, Map.of());
        DataFile first = table.append(1, 2, 3);
        table.append(4);
        table.append(4);
        if (formatVersion > 1) {
            table.delete(first, 1);
        }
        if (formatVersion == 2) {
            deleteEqual(table, 4);
        }
        table.append(4, 5);
        List<String> rows = table.reader().rows();
        List<String> entries = table.reader().entries(table.currentSnapshot());
        Map<String, Long> before = Trees.contents(warehouse);

        ActionResult planned = Acting.rewritingManifests(2).preview(table.load().operations());
        Map<String, Long> afterPlan = Trees.contents(warehouse);
        ActionResult done = Acting.rewritingManifests(2).execute(table.load().operations());

        assertThat(afterPlan).isEqualTo(before);
        assertThat(planned.reason()).isEqualTo(Reason.WOULD_REWRITE_MANIFESTS);
        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.MANIFESTS_REWRITTEN);
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(table.reader().entries(table.currentSnapshot())).isEqualTo(entries);
        assertThat(dataManifests(table)).hasSize(1);
        for (Counter counter : List.of(Counter.MANIFESTS_REWRITTEN, Counter.MANIFESTS_WRITTEN, Counter.BYTES_READ)) {
            assertThat(done.effect().get(counter))
                    .isEqualTo(planned.effect().get(counter))
                    .isPositive();
        }
        assertThat(table.load().currentSnapshot().operation()).isEqualTo("replace");
        assertNothingStagedIsLeft(table);
        assertThat(again(table)).isEqualTo(Reason.NOTHING_TO_REWRITE);
    }

    @Test
    void manifests_of_each_spec_stay_apart() throws Exception {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        table.append(1);
        table.append(2);
        table.load().updateSpec().addField("name").commit();
        table.append(3);
        table.append(4);
        table.load().updateSpec().removeField("name").commit();
        table.append(5);
        table.append(6);
        List<String> entries = table.reader().entries(table.currentSnapshot());

        ActionResult done = Acting.rewritingManifests(2).execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.MANIFESTS_REWRITTEN);
        assertThat(table.reader().entries(table.currentSnapshot())).isEqualTo(entries);
        assertThat(dataManifests(table))
                .extracting(ManifestFile::partitionSpecId)
                .containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void files_of_a_range_of_partitions_come_together() throws Exception {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.load().updateSpec().addField("id").commit();
        for (int round = 0; round < 8; round++) {
            new TableChanges(table.load()).append(records(1, 2, 3, 4, 5, 6, 7, 8));
        }
        List<String> entries = table.reader().entries(table.currentSnapshot());
        long bytes =
                dataManifests(table).stream().mapToLong(ManifestFile::length).sum();
        table.load()
                .updateProperties()
                .set("commit.manifest.target-size-bytes", Long.toString((bytes + 1) / 2))
                .commit();

        ActionResult done = Acting.rewritingManifests(2).execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.MANIFESTS_REWRITTEN);
        assertThat(table.reader().entries(table.currentSnapshot())).isEqualTo(entries);
        assertThat(dataManifests(table)).hasSize(2);
        TreeSet<String> ranges = new TreeSet<>();
        dataManifests(table).forEach(manifest -> {
            ManifestFile.PartitionFieldSummary ids = manifest.partitions().get(0);
            ranges.add(ids.lowerBound().order(ByteOrder.LITTLE_ENDIAN).getLong(0) + " to "
                    + ids.upperBound().order(ByteOrder.LITTLE_ENDIAN).getLong(0));
        });
        assertThat(ranges).containsExactly("1 to 4", "5 to 8");
    }

    @Test
    void a_manifest_of_deleted_files_alone_goes() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        DataFile second = table.append(2);
        table.load().newDelete().deleteFile(second).commit();
        List<String> entries = table.reader().entries(table.currentSnapshot());
        assertThat(dataManifests(table)).hasSize(2);

        ActionResult done = Acting.rewritingManifests(2).execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.MANIFESTS_REWRITTEN);
        assertThat(table.reader().entries(table.currentSnapshot())).isEqualTo(entries);
        assertThat(dataManifests(table)).hasSize(1);
    }

    @Test
    void rows_without_ids_get_none_from_us() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        table.load().updateProperties().set("format-version", "3").commit();
        long before = table.currentSnapshot();

        ActionResult untouched =
                Acting.rewritingManifests(2).execute(table.load().operations());
        table.append(3);
        List<String> rows = table.reader().rows();
        ActionResult done = Acting.rewritingManifests(2).execute(table.load().operations());

        assertThat(untouched.reason()).as(untouched.detail()).isEqualTo(Reason.BELOW_THRESHOLD);
        assertThat(before).isNotEqualTo(table.currentSnapshot());
        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.MANIFESTS_REWRITTEN);
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    @Test
    void says_why_it_stays() {
        PathTable empty = PathTable.create(warehouse, "empty", 2, Map.of());
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of("commit.manifest.min-count-to-merge", "7"));
        table.append(1);
        table.append(2);
        ManifestsPolicy byTable = new ManifestsPolicy(null, Acting.set("main"));
        ManifestsPolicy onBranch = new ManifestsPolicy(Acting.set(2), Acting.set("audit"));

        ActionResult none = Acting.rewritingManifests(2).execute(empty.load().operations());
        ActionResult few = Acting.of(Acting.rewritingManifests(2).action(), byTable)
                .execute(table.load().operations());
        ActionResult branch = Acting.of(Acting.rewritingManifests(2).action(), onBranch)
                .execute(table.load().operations());

        assertThat(none.reason()).isEqualTo(Reason.NO_CURRENT_SNAPSHOT);
        assertThat(few.reason()).isEqualTo(Reason.BELOW_THRESHOLD);
        assertThat(few.detail()).contains("2 of 2 data manifests", "min-manifests 7 (table property");
        assertThat(branch.reason()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void keeps_what_is_appended_and_deleted_meanwhile(int refresh) {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile first = table.append(1, 2);
        table.append(3);

        ActionResult done = Acting.rewritingManifests(2)
                .execute(new StruckOperations(table.load().operations(), refresh, () -> {
                    table.append(4);
                    table.delete(first, 0);
                }));

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.MANIFESTS_REWRITTEN);
        assertThat(table.reader().rows()).hasSize(3).noneMatch(row -> row.contains("name of 1"));
        assertThat(dataManifests(table)).hasSize(2);
        assertNothingStagedIsLeft(table);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void gives_up_where_a_manifest_was_replaced_meanwhile(int refresh) {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile first = table.append(1, 2);
        table.append(3);

        ActionResult done = Acting.rewritingManifests(2)
                .execute(new StruckOperations(
                        table.load().operations(),
                        refresh,
                        () -> table.load().newDelete().deleteFile(first).commit()));

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(table.reader().rows()).hasSize(1);
        assertNothingStagedIsLeft(table);
    }

    @Test
    void gives_up_where_the_run_is_stopped() {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        table.append(1, 2);
        table.append(3);
        long before = table.currentSnapshot();

        ActionResult done = Acting.rewritingManifests(2)
                .withStop(() -> true)
                .execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.INTERRUPTED);
        assertThat(table.currentSnapshot()).isEqualTo(before);
        assertNothingStagedIsLeft(table);
    }

    private static Reason again(PathTable table) {
        return Acting.rewritingManifests(1).execute(table.load().operations()).reason();
    }

    private static List<ManifestFile> dataManifests(PathTable table) {
        BaseTable loaded = table.load();
        return loaded.currentSnapshot().dataManifests(loaded.io());
    }

    private static List<Record> records(long... ids) {
        return Arrays.stream(ids)
                .mapToObj(id -> {
                    Record row = GenericRecord.create(PathTable.SCHEMA);
                    row.setField("id", id);
                    row.setField("name", "name of " + id);
                    return row;
                })
                .toList();
    }

    private static void deleteEqual(PathTable table, long id) throws IOException {
        Schema key = TypeUtil.select(PathTable.SCHEMA, Set.of(1));
        Record row = GenericRecord.create(key);
        row.set(0, id);
        new TableChanges(table.load()).deleteEqual(List.of(row), key, PartitionSpec.unpartitioned(), null);
    }

    private static void assertNothingStagedIsLeft(PathTable table) {
        assertThat(SavedTree.files(table.location()))
                .noneMatch(file -> file.toString().contains("sink-staged"));
        TreeSet<Path> unneeded = SavedTree.files(table.location());
        unneeded.removeAll(table.reader().reachable());
        assertThat(unneeded).allMatch(file -> file.toString().matches(".*(metadata.json|version-hint.text)"));
    }
}
