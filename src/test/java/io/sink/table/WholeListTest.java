package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.testing.AvroBlocks;
import io.sink.testing.Faults;
import io.sink.testing.FaultyFileIO;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By what each a list or a manifest that is not all there is told from one that is, one rule at a time. */
class WholeListTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path warehouse;

    private PathTable table;

    @BeforeEach
    void make_a_table() {
        table = PathTable.create(warehouse, "t", 2, Map.of("commit.manifest-merge.enabled", "false"));
    }

    @Test
    void what_its_snapshot_added_must_be_in_a_list_that_no_total_vouches_for() throws IOException {
        DataFile first = table.append(1, 2);
        table.delete(first, 0);
        eachSummary(summary -> summary.remove(List.of(
                "manifests-created", "manifests-kept", "total-data-files", "total-delete-files", "total-records")));
        List<Snapshot> snapshots = snapshots();
        read(snapshots.get(0));
        read(snapshots.get(1));

        AvroBlocks.drop(list(snapshots.get(0)), manifest -> true);
        AvroBlocks.drop(
                list(snapshots.get(1)), manifest -> manifest.get("content").equals(1));

        assertShort(snapshots.get(0), "0 data files and 0 delete files");
        assertShort(snapshots.get(1), "of what the snapshot added");
    }

    @Test
    void an_append_loses_neither_files_nor_deletes() throws IOException {
        DataFile first = table.append(1, 2);
        table.delete(first, 0);
        table.append(3);
        eachSummary(summary -> summary.remove(List.of(
                "manifests-created", "manifests-kept", "total-data-files", "total-delete-files", "total-records")));
        Snapshot last = snapshots().get(2);
        byte[] whole = Files.readAllBytes(list(last));
        read(last);

        AvroBlocks.drop(list(last), manifest -> manifest.get("content").equals(1));
        assertShort(last, "the snapshot that it was appended to");
        Files.write(list(last), whole);
        AvroBlocks.drop(
                list(last),
                manifest -> manifest.get("content").equals(0)
                        && !manifest.get("added_snapshot_id").equals(last.snapshotId()));
        assertShort(last, "the snapshot that it was appended to");
    }

    @Test
    void rows_and_delete_files_are_held_against_their_totals_too() throws IOException {
        DataFile first = table.append(1, 2);
        table.delete(first, 0);
        eachSummary(summary -> summary.remove(List.of("manifests-created", "manifests-kept", "total-data-files")));
        eachSnapshot(snapshot -> ((ObjectNode) snapshot).remove("parent-snapshot-id"));
        Snapshot last = snapshots().get(1);
        byte[] whole = Files.readAllBytes(list(last));
        read(last);

        AvroBlocks.drop(list(last), manifest -> manifest.get("content").equals(0));
        assertShort(last, "the totals in the snapshot's summary are more");
        Files.write(list(last), whole);
        AvroBlocks.drop(list(last), manifest -> manifest.get("content").equals(1));
        assertShort(last, "the totals in the snapshot's summary are more");
    }

    @Test
    void an_error_of_totals_is_passed_on_as_it_is() throws IOException {
        for (boolean data : new boolean[] {true, false}) {
            table = PathTable.create(warehouse, "moved-" + data, 2, Map.of("commit.manifest-merge.enabled", "false"));
            DataFile first = table.append(1, 2);
            table.delete(first, 0);
            table.append(3);
            eachSummary(summary -> summary.remove(List.of("manifests-created", "manifests-kept")));
            String wrong = data ? "total-data-files" : "total-delete-files";
            List<Long> ids =
                    snapshots().stream().limit(2).map(Snapshot::snapshotId).toList();
            eachSnapshot(snapshot -> {
                if (ids.contains(snapshot.get("snapshot-id").asLong())) {
                    add((ObjectNode) snapshot.get("summary"), wrong, 1);
                }
            });
            Snapshot last = snapshots().get(2);
            read(snapshots().get(1));
            read(last);

            AvroBlocks.drop(
                    list(last),
                    manifest -> !manifest.get("added_snapshot_id").equals(last.snapshotId())
                            && manifest.get("content").equals(data ? 1 : 0));

            assertShort(last, "the totals in the snapshot's summary are more");
        }
    }

    @Test
    void an_error_of_totals_that_is_in_one_list_alone_is_a_list_that_was_cut() throws IOException {
        table.append(1);
        eachSummary(summary -> {
            summary.remove(List.of("manifests-created", "manifests-kept"));
            add(summary, "total-data-files", 1);
        });
        assertShort(snapshots().get(0), "the totals in the snapshot's summary are more");

        table.append(2); // which takes the total over
        eachSummary(summary -> summary.remove(List.of("manifests-created", "manifests-kept")));

        read(snapshots().get(0));
        read(snapshots().get(1));
    }

    @Test
    void a_list_that_cannot_be_read_or_is_empty_excuses_no_other() throws IOException {
        table.append(1);
        table.append(2);
        eachSummary(summary -> summary.remove(List.of("manifests-created", "manifests-kept")));
        Snapshot first = snapshots().get(0);
        Snapshot last = snapshots().get(1);
        AvroBlocks.drop(
                list(last), manifest -> manifest.get("added_snapshot_id").equals(first.snapshotId()));
        byte[] whole = Files.readAllBytes(list(first));

        Files.delete(list(first));
        assertShort(last, "the totals in the snapshot's summary are more");
        Files.write(list(first), whole);
        AvroBlocks.drop(list(first), manifest -> true);
        assertShort(last, "the totals in the snapshot's summary are more");
    }

    @Test
    void an_empty_list_is_not_excused_by_the_one_before() throws IOException {
        table.append(1);
        table.append(2);
        eachSummary(summary -> {
            summary.remove(List.of("manifests-created", "manifests-kept"));
            summary.put(
                    "total-data-files", summary.get("total-data-files").asText().equals("1") ? "2" : "1");
        });
        Snapshot last = snapshots().get(1);

        AvroBlocks.drop(list(last), manifest -> true);

        assertShort(last, "the totals in the snapshot's summary are more");
    }

    @Test
    void counts_of_a_list_that_are_too_low_do_not_make_it_short() throws IOException {
        table.append(1);
        eachSummary(summary -> summary.remove(List.of("manifests-created", "manifests-kept")));
        Snapshot only = snapshots().get(0);

        AvroBlocks.change(list(only), manifest -> manifest.put("added_files_count", 0));

        assertThat(read(only)).hasSize(1);
    }

    @Test
    void a_manifest_that_its_list_does_not_count_has_as_many_bytes_as_it_says() throws IOException {
        table = PathTable.create(warehouse, "v1", 1, Map.of());
        table.append(1);
        Snapshot only = snapshots().get(0);
        AvroBlocks.ofSnapshot(list(only), new HashMap<>());
        AvroBlocks.change(list(only), manifest -> {
            manifest.put("added_files_count", null);
            manifest.put("existing_files_count", null);
        });
        ManifestFile manifest = read(only).get(0);
        assertThat(liveFiles(manifest, io())).isEqualTo(1);
        Path file = SecondReader.local(manifest.path());

        try (FileOutputStream out = new FileOutputStream(file.toFile(), true);
                FileChannel channel = out.getChannel()) {
            channel.truncate(Files.size(file) - blockBytes(file));
        }

        assertThatThrownBy(() -> liveFiles(manifest, io()))
                .isInstanceOf(UnreadableMetadataException.class)
                .hasMessageContaining("nothing of files");
    }

    private static long blockBytes(Path file) throws IOException {
        AvroBlocks blocks = AvroBlocks.of(file);
        return blocks.length() - blocks.ends().get(blocks.ends().size() - 2);
    }

    /** Avro's reader stops there; what it has fetched by then it cannot be asked. */
    @Test
    void a_block_of_no_records_is_not_the_end() throws IOException {
        DataFile file = table.append(1);
        AppendFiles append = table.load().newFastAppend();
        for (int i = 0; i < 200; i++) {
            append.appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                    .copy(file)
                    .withPath(table.location()
                            .resolve("data/%032x.parquet".formatted(i * 0x9E3779B97F4A7C15L))
                            .toString())
                    .build());
        }
        append.commit();
        ManifestFile manifest = read(snapshots().get(1)).get(0);

        AvroBlocks.putEmptyBlockFirst(SecondReader.local(manifest.path()));

        assertThat(Files.size(SecondReader.local(manifest.path()))).isGreaterThan(20_000);
        assertThatThrownBy(() -> liveFiles(manifest, io()))
                .isInstanceOf(UnreadableMetadataException.class)
                .hasMessageContaining("a block without entries is followed by more");
    }

    @Test
    void a_storage_that_fails_is_not_taken_for_a_damaged_file() {
        table.append(1);
        Snapshot only = snapshots().get(0);
        for (String call : List.of("open of ", "length of ")) {
            FileIO failing = new FaultyFileIO(
                    io(),
                    Faults.none()
                            .failing(
                                    name -> name.startsWith(call),
                                    name -> new RuntimeIOException("the storage is away: %s", name)));

            assertThatThrownBy(() -> Manifests.of(Ancestry.of(metadata()), only, failing, manifest -> {}))
                    .isNotInstanceOf(UnreadableMetadataException.class)
                    .hasMessageContaining("the storage is away");
        }
    }

    @Test
    void a_storage_that_repeats_the_length_it_was_told_is_asked_anew() throws IOException {
        table.append(1);
        Snapshot only = snapshots().get(0);
        AvroBlocks.change(
                list(only), manifest -> manifest.put("manifest_length", (long) manifest.get("manifest_length") + 10));
        ManifestFile manifest = read(only).get(0);

        assertThat(liveFiles(manifest, new Believing(io(), Map.of()))).isEqualTo(1);
    }

    @Test
    void manifests_are_read_anew_where_a_catalog_keeps_them_in_memory() throws IOException {
        table.append(1);
        FileIO caching = new Believing(io(), Map.of("io.manifest.cache-enabled", "true"));
        ManifestFile manifest = read(snapshots().get(0)).get(0);
        assertThat(liveFiles(manifest, caching)).isEqualTo(1);

        Files.delete(SecondReader.local(manifest.path()));

        assertThatThrownBy(() -> liveFiles(manifest, caching)).hasMessageContaining(manifest.path());
    }

    /** A storage that takes the length that it is told for the file's, as S3's does. */
    private record Believing(FileIO io, Map<String, String> properties) implements FileIO {
        @Override
        public InputFile newInputFile(String path) {
            return io.newInputFile(path);
        }

        @Override
        public InputFile newInputFile(String path, long length) {
            InputFile file = io.newInputFile(path);
            return new InputFile() {
                @Override
                public long getLength() {
                    return length;
                }

                @Override
                public SeekableInputStream newStream() {
                    return file.newStream();
                }

                @Override
                public String location() {
                    return path;
                }

                @Override
                public boolean exists() {
                    return file.exists();
                }
            };
        }

        @Override
        public OutputFile newOutputFile(String path) {
            return io.newOutputFile(path);
        }

        @Override
        public void deleteFile(String path) {
            io.deleteFile(path);
        }
    }

    private void assertShort(Snapshot snapshot, String why) {
        assertThatThrownBy(() -> read(snapshot))
                .isInstanceOf(UnreadableMetadataException.class)
                .hasMessageContaining(snapshot.manifestListLocation())
                .hasMessageContaining(why);
    }

    private List<ManifestFile> read(Snapshot snapshot) {
        List<ManifestFile> manifests = new ArrayList<>();
        TableMetadata metadata = metadata();
        Manifests.of(Ancestry.of(metadata), metadata.snapshot(snapshot.snapshotId()), io(), manifests::add);
        return manifests;
    }

    private int liveFiles(ManifestFile manifest, FileIO io) {
        List<Object> files = new ArrayList<>();
        Manifests.liveFiles(manifest, io, metadata().specsById(), files::add);
        return files.size();
    }

    private FileIO io() {
        return table.load().io();
    }

    private TableMetadata metadata() {
        return table.load().operations().current();
    }

    private List<Snapshot> snapshots() {
        return metadata().snapshots();
    }

    private static Path list(Snapshot snapshot) {
        return SecondReader.local(snapshot.manifestListLocation());
    }

    private static void add(ObjectNode summary, String total, int more) {
        summary.put(total, Integer.toString(summary.path(total).asInt() + more));
    }

    private void eachSummary(Consumer<ObjectNode> change) throws IOException {
        eachSnapshot(snapshot -> change.accept((ObjectNode) snapshot.get("summary")));
    }

    private void eachSnapshot(Consumer<JsonNode> change) throws IOException {
        Path file = Path.of(metadata().metadataFileLocation());
        JsonNode metadata = JSON.readTree(file.toFile());
        metadata.get("snapshots").forEach(change);
        JSON.writeValue(file.toFile(), metadata);
    }
}
