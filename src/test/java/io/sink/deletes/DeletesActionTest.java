package io.sink.deletes;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Plan;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.StruckOperations;
import io.sink.testing.TableChanges;
import io.sink.testing.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Delete files that look as if nothing needed them, beside some that nothing needs. */
class DeletesActionTest {
    private static final PartitionSpec GLOBAL = PartitionSpec.unpartitioned();
    private static final Schema ID = TypeUtil.select(PathTable.SCHEMA, Set.of(1));

    @TempDir
    Path warehouse;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void removes_the_deletes_of_a_file_that_was_replaced_and_no_others(int formatVersion) {
        PathTable table = PathTable.create(warehouse, "t", formatVersion, Map.of());
        DataFile gone = table.append(1, 2);
        DataFile stays = table.append(3, 4);
        DeleteFile needed = table.delete(stays, 1);
        replaceLeavingDeletes(table, gone, 2);
        // Iceberg drops a vector with its file; a writer that lost a race, or another library, may leave one.
        DeleteFile dangling = table.delete(gone, 0);
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(2);
        Map<String, Long> before = Trees.contents(warehouse);

        ActionResult planned = removal().preview(table.load().operations());
        Map<String, Long> afterPlan = Trees.contents(warehouse);
        ActionResult done = removal().execute(table.load().operations());

        assertThat(afterPlan).isEqualTo(before);
        assertThat(deletes(table)).doesNotContain(dangling.location()).containsExactly(needed.location());
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(planned.reason()).isEqualTo(Reason.WOULD_REMOVE_DANGLING_DELETES);
        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.DANGLING_DELETES_REMOVED);
        assertThat(done.effect().get(Counter.DELETE_FILES_REMOVED))
                .isEqualTo(planned.effect().get(Counter.DELETE_FILES_REMOVED))
                .isEqualTo(1);
        assertThat(again(table)).isEqualTo(Reason.NO_DANGLING_DELETES);
        assertNothingStagedIsLeft(table);
    }

    @Test
    void an_equality_delete_stays_while_an_older_row_is_there() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2);
        deleteEqual(table, GLOBAL, null, 1);
        table.append(1);
        List<String> rows = table.reader().rows();

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.NO_DANGLING_DELETES);
        assertThat(table.reader().rows()).isEqualTo(rows).hasSize(2);
    }

    @Test
    void an_equality_delete_without_a_partition_is_for_every_partition() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile unpartitioned = table.append(8);
        table.load().updateSpec().addField("id").commit();
        table.append(1);
        table.append(2);
        deleteEqual(table, GLOBAL, null, 1);
        // Else this one, of the delete's own spec, would keep it.
        table.load().newDelete().deleteFile(unpartitioned).commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(1);

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.NO_DANGLING_DELETES);
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    @Test
    void an_equality_delete_of_a_partition_is_for_that_partition() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.load().updateSpec().addField("id").commit();
        PartitionSpec spec = table.load().spec();
        DataFile one = table.append(1);
        DataFile two = table.append(2);
        deleteEqual(table, spec, one.partition(), 1);
        deleteEqual(table, spec, two.partition(), 2);
        table.append(2);
        table.load().newDelete().deleteFile(two).commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(1);

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.effect().get(Counter.DELETE_FILES_REMOVED))
                .as(done.detail())
                .isEqualTo(1);
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(again(table)).isEqualTo(Reason.NO_DANGLING_DELETES);
    }

    @Test
    void deletes_of_the_same_commit_hold_by_position_and_not_by_value() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        TableChanges changes = new TableChanges(table.load());
        DataFile file = changes.write(records(1, 2, 3), PathTable.SCHEMA, GLOBAL, null);
        DeleteFile byPosition = positionDeletes(table, List.of(file), 0).get(0);
        DeleteFile byValue = changes.writeEqualityDeletes(List.of(key(2)), ID, GLOBAL, null);
        table.load()
                .newRowDelta()
                .addRows(file)
                .addDeletes(byPosition)
                .addDeletes(byValue)
                .commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(2);

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.DANGLING_DELETES_REMOVED);
        assertThat(deletes(table)).containsExactly(byPosition.location());
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    @Test
    void believes_no_bounds_that_a_writer_cut() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1, 2, 3);
        DeleteFile honest = positionDeletes(table, List.of(file), 1).get(0);
        table.load()
                .newRowDelta()
                .addDeletes(withCutBounds(honest, file.location()))
                .commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(2);

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.NO_DANGLING_DELETES);
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    @Test
    void a_position_delete_file_for_two_data_files_stays_for_the_one_that_is_left() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        DataFile two = table.append(3, 4);
        DeleteFile both = positionDeletes(table, List.of(one, two), 0).get(0);
        table.load().newRowDelta().addDeletes(both).commit();
        replaceLeavingDeletes(table, one, 2);
        List<String> rows = table.reader().rows();

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.NO_DANGLING_DELETES);
        assertThat(table.reader().rows()).isEqualTo(rows).hasSize(2);
    }

    @Test
    void a_position_delete_stays_beside_a_deletion_vector_that_replaces_it() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1, 2, 3);
        DeleteFile old = table.delete(file, 0);
        table.load().updateProperties().set("format-version", "3").commit();
        table.append(9);
        table.delete(file, 0, 1);
        List<String> rows = table.reader().rows();

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.NO_DANGLING_DELETES);
        assertThat(deletes(table)).contains(old.location());
        assertThat(table.reader().rows()).isEqualTo(rows).hasSize(2);
    }

    @Test
    void of_two_deletion_vectors_in_one_puffin_file_only_the_dangling_one_goes() {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile one = table.append(1, 2);
        DataFile two = table.append(3, 4);
        List<DeleteFile> vectors = positionDeletes(table, List.of(one, two), 0);
        replaceLeavingDeletes(table, one, 1, 2);
        RowDelta delta = table.load().newRowDelta();
        vectors.forEach(delta::addDeletes);
        delta.commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(3);
        assertThat(deletes(table)).hasSize(2);

        ActionResult done = removal().execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.DANGLING_DELETES_REMOVED);
        assertThat(deletes(table)).containsExactly(vectors.get(1).location());
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    @Test
    void what_dangles_on_main_stays_for_a_branch_that_needs_it() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1, 2);
        DeleteFile delete = table.delete(file, 0);
        long branch = table.currentSnapshot();
        table.load().manageSnapshots().createBranch("audit", branch).commit();
        replaceLeavingDeletes(table, file, 2);
        List<String> rows = table.reader().rows(branch);

        ActionResult done = removal().execute(table.load().operations());
        Expiry.keeping(1).execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.DANGLING_DELETES_REMOVED);
        assertThat(deletes(table)).isEmpty();
        assertThat(table.reader().rows(branch)).isEqualTo(rows).hasSize(1);
        assertThat(Path.of(delete.location())).exists();
        assertThat(Acting.removingDanglingDeletes("audit", 1)
                        .execute(table.load().operations())
                        .reason())
                .isEqualTo(Reason.NO_DANGLING_DELETES);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void gives_up_where_main_is_rolled_back_to_rows_that_the_deletes_hold_down(int refresh) {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1, 2);
        table.delete(file, 0);
        long before = table.currentSnapshot();
        List<String> rows = table.reader().rows();
        replaceLeavingDeletes(table, file, 2);
        Plan planned = removal()
                .plan(new StruckOperations(
                        table.load().operations(),
                        refresh + 1,
                        () -> table.load().manageSnapshots().rollbackTo(before).commit()));

        ActionResult done = planned.execute();

        assertThat(table.reader().rows()).as(done.toString()).isEqualTo(rows);
        if (refresh < 3) {
            assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.COMMIT_CONFLICT);
        }
        assertNothingStagedIsLeft(table);
    }

    @Test
    void leaves_a_few_alone_where_that_is_asked_for() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1, 2);
        table.delete(file, 0);
        replaceLeavingDeletes(table, file, 2);

        ActionResult done =
                Acting.removingDanglingDeletes("main", 2).execute(table.load().operations());

        assertThat(done.reason()).as(done.detail()).isEqualTo(Reason.BELOW_THRESHOLD);
        assertThat(done.detail()).contains("1 of 1 delete files", "min-dangling-deletes 2");
    }

    private static Acting<DeletesPolicy> removal() {
        return Acting.removingDanglingDeletes();
    }

    private static Reason again(PathTable table) {
        return removal().execute(table.load().operations()).reason();
    }

    /** As a compaction of others does it: the rows that are left in a new file, and the deletes where they were. */
    private static void replaceLeavingDeletes(PathTable table, DataFile file, long... ids) {
        try {
            BaseTable loaded = table.load();
            DataFile other = new TableChanges(loaded).write(records(ids), PathTable.SCHEMA, loaded.spec(), null);
            loaded.newOverwrite().deleteFile(file).addFile(other).commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<DeleteFile> positionDeletes(PathTable table, List<DataFile> files, long position) {
        try {
            return new TableChanges(table.load()).writePositionDeletes(files, position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteEqual(PathTable table, PartitionSpec spec, @Nullable StructLike partition, long id)
            throws IOException {
        new TableChanges(table.load()).deleteEqual(List.of(key(id)), ID, spec, partition);
    }

    private static Record key(long id) {
        Record key = GenericRecord.create(ID);
        key.set(0, id);
        return key;
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

    /** Locations of main's live delete files, one for each entry. */
    private static List<String> deletes(PathTable table) {
        BaseTable loaded = table.load();
        List<String> found = new ArrayList<>();
        for (ManifestFile manifest : loaded.currentSnapshot().deleteManifests(loaded.io())) {
            try (var files = ManifestFiles.readDeleteManifest(manifest, loaded.io(), loaded.specs())) {
                files.forEach(file -> found.add(file.location()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static DeleteFile withCutBounds(DeleteFile delete, String path) {
        ByteBuffer cut = Conversions.toByteBuffer(Types.StringType.get(), path.substring(0, 16));
        int id = MetadataColumns.DELETE_FILE_PATH.fieldId();
        return FileMetadata.deleteFileBuilder(GLOBAL)
                .ofPositionDeletes()
                .withPath(delete.location())
                .withFormat(delete.format())
                .withFileSizeInBytes(delete.fileSizeInBytes())
                .withMetrics(new Metrics(
                        delete.recordCount(), null, null, null, null, Map.of(id, cut), Map.of(id, cut.duplicate())))
                .build();
    }

    private static void assertNothingStagedIsLeft(PathTable table) {
        TreeSet<Path> unneeded = SavedTree.files(table.location());
        unneeded.removeAll(table.reader().reachable());
        assertThat(unneeded).allMatch(file -> file.toString().matches(".*(metadata.json|version-hint.text)"));
    }
}
