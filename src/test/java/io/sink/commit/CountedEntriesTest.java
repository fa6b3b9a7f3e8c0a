package io.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.commit.CountedEntries.Intent;
import io.sink.table.DeleteKey;
import io.sink.table.Manifests;
import io.sink.testing.AvroBlocks;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.avro.generic.GenericRecord;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots that were committed, looked at as if they were not yet. */
class CountedEntriesTest {
    @TempDir
    Path warehouse;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_rewrite_that_does_what_it_is_meant_to_do_differs_in_nothing(int version) {
        PathTable table = PathTable.create(warehouse, "t", version, Map.of());
        DataFile one = table.append(1, 2);
        DataFile other = table.append(3);
        table.append(4);
        table.load().newFastAppend().appendFile(one).commit();
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one, other);
        DataFile in = written(table, 1, 2, 3, 1, 2);
        long start = rewrite(table, out, List.of(in));

        Intent right = intent(table, base, out, List.of(in), start);

        assertThat(out).hasSize(3);
        assertThat(difference(table, base, right, table.load().currentSnapshot()))
                .isNull();
    }

    @Test
    void an_entry_more_or_less_that_goes_is_a_difference() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        DataFile other = table.append(3);
        table.load().newFastAppend().appendFile(one).commit();
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one, other);
        DataFile in = written(table, 1, 2, 3, 1, 2);
        long start = rewrite(table, out, List.of(in));
        Snapshot next = table.load().currentSnapshot();
        List<DataFile> twice = new ArrayList<>(out);
        twice.add(out.get(0));

        assertThat(difference(table, base, intent(table, base, out.subList(1, 3), List.of(in), start), next))
                .contains("was to take out");
        assertThat(difference(table, base, intent(table, base, out.subList(0, 1), List.of(in), start), next))
                .isNotNull();
        assertThat(difference(table, base, intent(table, base, twice, List.of(in), start), next))
                .contains("was to take out");
    }

    @Test
    void what_comes_must_be_just_that_and_with_its_sequence_number() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        table.append(3);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        DataFile in = written(table, 1, 2);
        long start = rewrite(table, out, List.of(in));
        Snapshot next = table.load().currentSnapshot();

        assertThat(difference(table, base, intent(table, base, out, List.of(in), start), next))
                .isNull();
        assertThat(difference(table, base, intent(table, base, out, List.of(in), start + 1), next))
                .contains("another data sequence number");
        assertThat(difference(table, base, intent(table, base, out, List.of(in, in), start), next))
                .contains("was to add");
        assertThat(difference(table, base, intent(table, base, out, List.of(), start), next))
                .contains("was to keep");
    }

    @Test
    void a_file_that_is_taken_out_and_added_again_is_another_entry() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1, 2);
        TableMetadata base = metadata(table);
        table.load().newOverwrite().deleteFile(file).addFile(file).commit();

        String difference = difference(
                table,
                base,
                Intent.taking("main", head(base), List.of()),
                table.load().currentSnapshot());

        assertThat(difference).contains("was to keep");
    }

    @Test
    void entries_that_only_moved_to_another_manifest_are_the_same() {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile first = table.append(1, 2);
        table.append(3);
        table.delete(first, 0);
        TableMetadata base = metadata(table);
        mergeManifests(table);

        String difference = difference(
                table,
                base,
                Intent.taking("main", head(base), List.of()),
                table.load().currentSnapshot());

        assertThat(difference).isNull();
    }

    @Test
    void an_entry_that_is_gone_and_not_marked_deleted_is_a_difference() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        table.append(3);
        mergeManifests(table);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        table.load().newDelete().deleteFile(one).commit();
        mergeManifests(table);

        String difference = difference(
                table,
                base,
                Intent.taking("main", head(base), out),
                table.load().currentSnapshot());

        assertThat(difference).contains("mark 0 entries of 0 records deleted", "should be 1 entries of 2 records");
    }

    @Test
    void a_delete_file_that_is_still_needed_must_stay_and_a_freed_one_may_go() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2, 3);
        DataFile other = table.append(4, 5);
        table.delete(one, 0);
        table.delete(other, 0);
        TableMetadata base = metadata(table);
        List<DeleteFile> deletes = deletes(table);
        List<DataFile> out = entries(table, one);
        DataFile in = written(table, 2, 3);
        RewriteFiles rewrite =
                table.load().newRewrite().validateFromSnapshot(head(base)).dataSequenceNumber(4);
        out.forEach(rewrite::deleteFile);
        deletes.forEach(rewrite::deleteFile);
        rewrite.addFile(in).commit();
        Snapshot next = table.load().currentSnapshot();

        Set<DeleteKey> first = Set.of(DeleteKey.of(deletes.get(0)));
        Set<DeleteKey> both = Set.of(DeleteKey.of(deletes.get(0)), DeleteKey.of(deletes.get(1)));
        assertThat(difference(table, base, new Intent("main", head(base), out, first, 1, List.of(in), 4), next))
                .contains("was to keep", "1 delete files");
        assertThat(difference(table, base, new Intent("main", head(base), out, both, 1, List.of(in), 4), next))
                .isNull();
        assertThat(difference(table, base, new Intent("main", head(base), out, Set.of(), 5, List.of(in), 4), next))
                .isNull();
    }

    /** The producer leaves out delete files that are older than all data files, and others may have made them so. */
    @Test
    void a_delete_file_that_others_left_without_a_data_file_since_the_plan_may_go() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile old = table.append(1, 2);
        DataFile one = table.append(3);
        table.delete(old, 0);
        DataFile other = table.append(4);
        long planned = table.currentSnapshot();
        List<DataFile> out = new ArrayList<>(entries(table, one));
        out.addAll(entries(table, other));
        table.load().newDelete().deleteFile(old).commit();
        TableMetadata base = metadata(table);
        assertThat(deletes(table)).hasSize(1);
        DataFile in = written(table, 3, 4);
        long start = rewrite(table, out, List.of(in));
        Snapshot next = table.load().currentSnapshot();

        assertThat(deletes(table)).isEmpty();
        assertThat(difference(table, base, new Intent("main", planned, out, Set.of(), 1, List.of(in), start), next))
                .isNull();
        assertThat(difference(table, base, new Intent("main", head(base), out, Set.of(), 1, List.of(in), start), next))
                .contains("was to keep", "1 delete files");
    }

    @Test
    void the_duplicates_of_the_summary_must_be_those_of_the_plan() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        table.load().newFastAppend().appendFile(one).commit();
        mergeManifests(table);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        DataFile in = written(table, 1, 2);
        long start = rewrite(table, out, List.of(in));
        Snapshot next = table.load().currentSnapshot();
        Map<String, String> without = new HashMap<>(next.summary());
        without.remove("deleted-duplicate-files");

        Intent right = intent(table, base, out, List.of(in), start);

        assertThat(next.summary()).containsEntry("deleted-duplicate-files", "1");
        assertThat(difference(table, base, right, next)).isNull();
        assertThat(difference(table, base, right, withSummary(next, without)))
                .contains("deleted-duplicate-files=0, and the plan knew of 1");
        without.put("deleted-duplicate-files", "2");
        assertThat(difference(table, base, right, withSummary(next, without)))
                .contains("deleted-duplicate-files=2, and the plan knew of 1");
    }

    @Test
    void entries_that_others_changed_since_the_plan_are_a_conflict() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        List<DataFile> out = entries(table, one);
        long planned = table.currentSnapshot();
        table.load().newFastAppend().appendFile(one).commit();
        mergeManifests(table);
        TableMetadata base = metadata(table);
        DataFile in = written(table, 1, 2);
        rewrite(table, out, List.of(in));

        Intent intent = new Intent("main", planned, out, Set.of(), 0, List.of(in), 1);

        assertThatThrownBy(() -> difference(table, base, intent, table.load().currentSnapshot()))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("was to take out 1 data files");
    }

    @Test
    void a_manifest_that_stays_must_be_listed_as_it_was() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile one = table.append(1, 2);
        table.append(3);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        table.load().newDelete().deleteFile(one).commit();
        Snapshot next = table.load().currentSnapshot();
        Intent intent = Intent.taking("main", head(base), out);

        Map<String, Object> changes = Map.of(
                "content", 1,
                "manifest_length", 1L,
                "partition_spec_id", 7,
                "sequence_number", 3L,
                "added_snapshot_id", 1L,
                "first_row_id", 100L);
        for (Map.Entry<String, Object> change : changes.entrySet()) {
            byte[] list = withRecords(
                    next.manifestListLocation(),
                    manifest -> isOf(manifest, next),
                    manifest -> {},
                    manifest -> manifest.put(change.getKey(), change.getValue()));

            assertThat(difference(table, base, intent, next))
                    .as(change.getKey())
                    .contains("stays and is listed as");

            Files.write(SecondReader.local(next.manifestListLocation()), list);
        }
        assertThat(difference(table, base, intent, next)).isNull();
    }

    @Test
    void a_manifest_that_comes_must_be_of_the_snapshot_and_hold_what_its_list_says() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        DataFile other = table.append(3);
        table.append(4, 5, 6);
        mergeManifests(table);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one, other);
        DataFile in = written(table, 1, 2, 3);
        long start = rewrite(table, out, List.of(in));
        Snapshot next = table.load().currentSnapshot();
        Intent intent = intent(table, base, out, List.of(in), start);

        Map<String, String> changes = new HashMap<>(Map.of("added_snapshot_id", "is new and of snapshot"));
        for (String kind : List.of("added", "existing", "deleted")) {
            changes.put(kind + "_files_count", "holds other counts than its list says");
            changes.put(kind + "_rows_count", "holds other counts than its list says");
        }
        for (Map.Entry<String, String> change : changes.entrySet()) {
            byte[] list = withRecords(
                    next.manifestListLocation(),
                    manifest -> isOf(manifest, next),
                    manifest -> manifest.put(change.getKey(), more(manifest.get(change.getKey()))),
                    manifest -> {});

            assertThat(difference(table, base, intent, next))
                    .as(change.getKey())
                    .contains(change.getValue());

            Files.write(SecondReader.local(next.manifestListLocation()), list);
        }
        assertThat(difference(table, base, intent, next)).isNull();
    }

    @Test
    void what_a_manifest_marks_as_changed_must_be_changed_by_the_snapshot() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        table.append(3);
        mergeManifests(table);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        table.load().newDelete().deleteFile(one).commit();
        Snapshot next = table.load().currentSnapshot();
        String manifest = next.allManifests(table.load().io()).get(0).path();
        Intent intent = Intent.taking("main", head(base), out);

        byte[] whole = withRecords(
                manifest, entry -> (int) entry.get("status") == 2, entry -> entry.put("snapshot_id", 77L), entry -> {});
        AvroBlocks.change(
                SecondReader.local(next.manifestListLocation()),
                listed -> listed.put(
                        "manifest_length", SecondReader.local(manifest).toFile().length()));

        assertThat(difference(table, base, intent, next)).contains("marks an entry as changed by snapshot 77");
        Files.write(SecondReader.local(manifest), whole);
        assertThat(difference(table, base, intent, next)).isNull();
    }

    @Test
    void first_row_ids_of_what_is_kept_must_stay() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile one = table.append(1, 2);
        table.append(3);
        mergeManifests(table);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        table.load().newDelete().deleteFile(one).commit();
        Snapshot next = table.load().currentSnapshot();
        String manifest = next.allManifests(table.load().io()).get(0).path();
        Intent intent = Intent.taking("main", head(base), out);
        assertThat(difference(table, base, intent, next)).isNull();

        withRecords(
                manifest,
                entry -> (int) entry.get("status") == 0,
                entry -> ((GenericRecord) entry.get("data_file")).put("first_row_id", 50L),
                entry -> {});
        AvroBlocks.change(
                SecondReader.local(next.manifestListLocation()),
                listed -> listed.put(
                        "manifest_length", SecondReader.local(manifest).toFile().length()));

        assertThat(difference(table, base, intent, next)).contains("first row ids of entries that are kept differ");
    }

    @Test
    void what_comes_must_not_have_been_there_before() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        DataFile other = table.append(3);
        mergeManifests(table);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        table.load()
                .newOverwrite()
                .deleteFile(one)
                .deleteFile(other)
                .addFile(other)
                .commit();
        Snapshot next = table.load().currentSnapshot();

        assertThat(difference(table, base, intent(table, base, out, List.of(other), next.sequenceNumber()), next))
                .contains("was to add");
    }

    @Test
    void a_delete_file_that_comes_is_a_difference_even_if_it_might_go() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        TableMetadata base = metadata(table);
        DeleteKey freed = DeleteKey.of(table.delete(one, 0));

        Intent intent = new Intent("main", head(base), List.of(), Set.of(freed), Long.MIN_VALUE, List.of(), 0);

        assertThat(difference(table, base, intent, table.load().currentSnapshot()))
                .contains("a delete file came that was not there");
    }

    @Test
    void what_comes_must_be_marked_as_added() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        DataFile in = written(table, 1, 2);
        long start = rewrite(table, out, List.of(in));
        Snapshot next = table.load().currentSnapshot();
        String manifest = next.allManifests(table.load().io()).stream()
                .filter(listed -> Objects.equals(listed.addedFilesCount(), 1))
                .findFirst()
                .orElseThrow()
                .path();
        withRecords(
                manifest,
                entry -> (int) entry.get("status") == 1,
                entry -> {
                    entry.put("status", 0);
                    entry.put("snapshot_id", next.snapshotId());
                    entry.put("sequence_number", start);
                    entry.put("file_sequence_number", next.sequenceNumber());
                },
                entry -> {});
        withRecords(
                next.manifestListLocation(),
                listed -> listed.get("manifest_path").toString().equals(manifest),
                listed -> {
                    listed.put("existing_files_count", listed.get("added_files_count"));
                    listed.put("existing_rows_count", listed.get("added_rows_count"));
                    listed.put("added_files_count", 0);
                    listed.put("added_rows_count", 0L);
                    listed.put(
                            "manifest_length",
                            SecondReader.local(manifest).toFile().length());
                },
                listed -> {});

        assertThat(difference(table, base, intent(table, base, out, List.of(in), start), next))
                .contains("0 entries of 0 records added and 1 entries of 2 records kept");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_vector_goes_with_its_file_and_not_with_another(boolean ofAnother) {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile one = table.append(1, 2, 3);
        DataFile other = table.append(4, 5);
        table.delete(one, 0);
        table.delete(other, 0);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);
        RewriteFiles change =
                table.load().newRewrite().validateFromSnapshot(head(base)).deleteFile(one);
        deletes(table).stream()
                .filter(vector -> ofAnother || one.location().equals(vector.referencedDataFile()))
                .forEach(change::deleteFile);

        change.commit();

        assertThat(deletes(table)).hasSize(ofAnother ? 0 : 1);
        String difference = difference(
                table,
                base,
                Intent.taking("main", head(base), out),
                table.load().currentSnapshot());
        if (ofAnother) {
            assertThat(difference).contains("was to keep", "1 delete files");
        } else {
            assertThat(difference).isNull();
        }
    }

    @Test
    void a_branch_that_is_gone_is_a_conflict() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2);
        TableMetadata base = metadata(table);
        List<DataFile> out = entries(table, one);

        assertThatThrownBy(() -> difference(
                        table,
                        base,
                        Intent.taking("other", head(base), out),
                        table.load().currentSnapshot()))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("branch other is gone");
    }

    private static boolean isOf(GenericRecord manifest, Snapshot snapshot) {
        return manifest.get("added_snapshot_id").equals(snapshot.snapshotId());
    }

    private static Object more(Object number) {
        return number instanceof Integer some ? (Object) (some + 1) : (Object) ((Long) number + 1);
    }

    /** Changes records of a list or a manifest where it lies; returns what it was. */
    private static byte[] withRecords(
            String location,
            Predicate<GenericRecord> which,
            Consumer<GenericRecord> those,
            Consumer<GenericRecord> others)
            throws IOException {
        Path file = SecondReader.local(location);
        byte[] whole = Files.readAllBytes(file);
        AvroBlocks.change(file, record -> (which.test(record) ? those : others).accept(record));
        return whole;
    }

    private static @Nullable String difference(PathTable table, TableMetadata base, Intent intent, Snapshot next) {
        return new CountedEntries(table.load().io(), intent).difference(base, next);
    }

    private static Intent intent(
            PathTable table, TableMetadata base, List<DataFile> out, List<DataFile> in, long sequence) {
        return new Intent("main", head(base), out, Set.of(), 0, in, base.formatVersion() == 1 ? 0 : sequence);
    }

    /** Rewrites all entries of these files, and returns the data sequence number that the new ones get. */
    private static long rewrite(PathTable table, List<DataFile> out, List<DataFile> in) {
        BaseTable loaded = table.load();
        long sequence = loaded.currentSnapshot().sequenceNumber();
        RewriteFiles rewrite = loaded.newRewrite().dataSequenceNumber(sequence);
        out.forEach(rewrite::deleteFile);
        in.forEach(rewrite::addFile);
        rewrite.commit();
        return sequence;
    }

    private static void mergeManifests(PathTable table) {
        table.load().rewriteManifests().clusterBy(file -> "").commit();
    }

    /** A file of these rows that is not in the table. */
    private static DataFile written(PathTable table, long... ids) {
        PathTable other = PathTable.create(table.location(), "other", 2, Map.of());
        return other.append(ids);
    }

    private static List<DataFile> entries(PathTable table, DataFile... files) {
        Set<String> paths = new java.util.HashSet<>();
        for (DataFile file : files) {
            paths.add(file.location());
        }
        List<DataFile> found = new ArrayList<>();
        read(table, file -> {
            if (file instanceof DataFile data && paths.contains(data.location())) {
                found.add(data.copyWithoutStats());
            }
        });
        return found;
    }

    private static List<DeleteFile> deletes(PathTable table) {
        List<DeleteFile> found = new ArrayList<>();
        read(table, file -> {
            if (file instanceof DeleteFile delete) {
                found.add(delete.copyWithoutStats());
            }
        });
        return found;
    }

    private static void read(PathTable table, Consumer<ContentFile<?>> each) {
        BaseTable loaded = table.load();
        loaded.currentSnapshot()
                .allManifests(loaded.io())
                .forEach(manifest -> Manifests.liveFiles(manifest, loaded.io(), loaded.specs(), each));
    }

    private static TableMetadata metadata(PathTable table) {
        return table.load().operations().current();
    }

    private static long head(TableMetadata base) {
        return base.currentSnapshot().snapshotId();
    }

    private static Snapshot withSummary(Snapshot snapshot, Map<String, String> summary) {
        return (Snapshot) Proxy.newProxyInstance(
                Snapshot.class.getClassLoader(),
                new Class<?>[] {Snapshot.class},
                (proxy, method, arguments) ->
                        method.getName().equals("summary") ? summary : method.invoke(snapshot, arguments));
    }
}
