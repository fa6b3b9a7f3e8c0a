package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.Faults;
import io.sink.testing.FaultyFileIO;
import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveFilesTest {
    @TempDir
    Path warehouse;

    @Test
    void needs_what_only_a_tag_a_branch_or_a_staged_snapshot_reaches() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile tagged = table.append(1);
        table.load()
                .manageSnapshots()
                .createTag("kept", table.currentSnapshot())
                .commit();
        table.replace(2);
        DataFile branched = write(table, 3);
        table.load().manageSnapshots().createBranch("audit").commit();
        table.load().newAppend().appendFile(branched).toBranch("audit").commit();
        DataFile staged = write(table, 4);
        table.load().newAppend().appendFile(staged).stageOnly().commit();
        table.replace(5);
        BaseTable loaded = table.load();
        List<TableFile> asked = new ArrayList<>();
        for (DataFile file : List.of(tagged, branched, staged)) {
            asked.add(new TableFile(file.location(), FileKind.DATA));
        }
        for (Snapshot snapshot : loaded.snapshots()) {
            asked.add(new TableFile(snapshot.manifestListLocation(), FileKind.MANIFEST_LIST));
            snapshot.allManifests(loaded.io())
                    .forEach(manifest -> asked.add(new TableFile(manifest.path(), FileKind.MANIFEST)));
        }
        TableFile nobodys = new TableFile(table.location() + "/data/nobodys.parquet", FileKind.DATA);
        asked.add(nobodys);
        TableMetadata metadata = loaded.operations().current();

        assertThat(new LiveFiles(loaded.io()).unneeded(metadata, asked)).containsExactly(nobodys);
        for (TableFile one : asked) {
            assertThat(new LiveFiles(loaded.io()).unneeded(metadata, List.of(one)))
                    .as("asked for alone: %s", one)
                    .isEqualTo(one.equals(nobodys) ? List.of(nobodys) : List.of());
        }
    }

    /** Metadata can call a data file statistics: what a file is called says nothing about who needs it. */
    @Test
    void needs_a_delete_file_that_is_asked_for_alone_and_a_data_file_by_any_kind() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile data = table.append(1, 2);
        String delete = table.delete(data, 0).location();
        TableOperations ops = table.load().operations();

        for (FileKind kind : List.of(FileKind.DATA, FileKind.DELETE, FileKind.STATISTICS, FileKind.ORPHAN)) {
            for (String path : List.of(data.location(), delete)) {
                assertThat(new LiveFiles(ops.io()).unneeded(ops.current(), List.of(new TableFile(path, kind))))
                        .as("%s as %s", path, kind)
                        .isEmpty();
            }
        }
    }

    private static DataFile write(PathTable table, long id) throws IOException {
        Record row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", id);
        return new TableChanges(table.load())
                .write(List.of(row), PathTable.SCHEMA, PartitionSpec.unpartitioned(), null);
    }

    @Test
    void needs_every_file_as_long_as_a_reading_failed() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        TableFile first = new TableFile(table.append(1, 2).location(), FileKind.DATA);
        TableFile second = new TableFile(table.append(3).location(), FileKind.DATA);
        TableFile nobodys = new TableFile(table.location() + "/data/nobodys.parquet", FileKind.DATA);
        TableOperations ops = table.load().operations();
        TableMetadata metadata = ops.current();
        Faults count = Faults.none();
        new LiveFiles(new FaultyFileIO(ops.io(), count)).unneeded(metadata, List.of(first, second, nobodys));

        for (int k = 1; k <= count.calls(); k++) {
            Faults once = new Faults(k, false, Faults.When.BEFORE, message -> new RuntimeIOException("%s", message));
            LiveFiles live = new LiveFiles(new FaultyFileIO(ops.io(), once));
            assertThatThrownBy(() -> live.unneeded(metadata, List.of(first, second, nobodys)))
                    .as("call %d", k)
                    .isInstanceOf(RuntimeIOException.class);

            assertThat(live.unneeded(metadata, List.of(first, second, nobodys)))
                    .as("asked again after call %d failed", k)
                    .containsExactly(nobodys);
        }
        assertThat(count.calls()).isGreaterThan(3);
    }

    @Test
    void looks_for_files_of_late_names_in_what_came_since_alone() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        List<Long> earlier = new ArrayList<>();
        List<ManifestFile> known = new ArrayList<>();
        for (Snapshot snapshot : table.load().snapshots()) {
            earlier.add(snapshot.snapshotId());
            known.addAll(snapshot.allManifests(table.load().io()));
        }
        DataFile added = table.append(3);
        DataFile tagged = table.append(4);
        table.load()
                .manageSnapshots()
                .createTag("kept", table.currentSnapshot())
                .commit();
        table.replace(5);
        for (ManifestFile manifest : known) {
            Files.deleteIfExists(Path.of(URI.create(manifest.path()).getPath()));
        }
        TableFile nobodys = new TableFile(table.location() + "/data/nobodys.parquet", FileKind.DATA);
        List<TableFile> asked = List.of(
                nobodys,
                new TableFile(added.location(), FileKind.DATA),
                new TableFile(tagged.location(), FileKind.DATA));
        TableOperations ops = table.load().operations();

        assertThat(LiveFiles.since(earlier, ops.io()).unneeded(ops.current(), asked))
                .as("no manifest is read that was there before")
                .containsExactly(nobodys);
        assertThatThrownBy(() -> new LiveFiles(ops.io()).unneeded(ops.current(), asked))
                .as("which all else reads")
                .isInstanceOf(RuntimeException.class);
    }
}
