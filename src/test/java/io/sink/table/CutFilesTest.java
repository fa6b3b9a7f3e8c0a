package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.AvroBlocks;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import io.sink.testing.ShortAnswers;
import io.sink.testing.Sweeping;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifest lists and manifests that end early and read well, at rest and as a storage's answer. */
class CutFilesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path objects;

    private static S3Server server;
    private static int warehouses;

    @TempDir
    Path disk;

    private PathWarehouse place;
    private @Nullable TableSource source;
    private @Nullable PathTable made;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(objects);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void begin_on_disk() {
        place = PathWarehouse.local(disk);
    }

    @AfterEach
    void end() {
        if (source != null) {
            source.close();
        }
    }

    private void on(String storage) {
        if (storage.equals("S3")) {
            place = PathWarehouse.onS3(server, "s3://lake/cut" + ++warehouses);
        }
    }

    private Path root() {
        return place.locate().apply(place.root());
    }

    /** How the table's metadata names a file. */
    private String location(Path file) {
        return place.root() + "/" + root().relativize(file);
    }

    private Path locate(String location) {
        return place.locate().apply(location);
    }

    /** What every action does to a table, by name. */
    private static Map<String, Function<TableOperations, ActionResult>> actions() {
        Map<String, Function<TableOperations, ActionResult>> actions = new LinkedHashMap<>();
        actions.put("expire", ops -> Expiry.keeping(1).execute(ops));
        actions.put("orphans", ops -> Sweeping.all().execute(ops));
        actions.put("compact", ops -> Compacting.small().execute(ops));
        actions.put("rewrite-manifests", ops -> Acting.rewritingManifests(2).execute(ops));
        actions.put(
                "remove-dangling-deletes",
                ops -> Acting.removingDanglingDeletes().execute(ops));
        return actions;
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "S3"})
    void nothing_goes_and_nothing_is_rewritten_where_a_needed_file_was_cut_at_rest(String storage) throws IOException {
        on(storage);
        everyCut(List.of(), (file, bytes) -> {
            try (FileOutputStream out = new FileOutputStream(file.toFile(), true);
                    FileChannel channel = out.getChannel()) {
                channel.truncate(bytes);
            }
            return ops();
        });
    }

    @Test
    void nothing_goes_where_totals_alone_tell_of_the_cut() throws IOException {
        everyCut(List.of("manifests-created", "manifests-kept", "manifests-replaced"), (file, bytes) -> {
            if (!file.getFileName().toString().startsWith("snap-")) {
                return null;
            }
            try (FileOutputStream out = new FileOutputStream(file.toFile(), true);
                    FileChannel channel = out.getChannel()) {
                channel.truncate(bytes);
            }
            return ops();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "S3"})
    void nothing_goes_and_nothing_is_rewritten_where_a_storage_gives_less_than_there_is(String storage)
            throws IOException {
        on(storage);
        everyCut(
                List.of(
                        "manifests-created",
                        "manifests-kept",
                        "manifests-replaced",
                        "total-data-files",
                        "total-delete-files",
                        "total-records",
                        "added-data-files",
                        "added-delete-files"),
                (file, bytes) -> new ShortAnswers(ops(), location(file), bytes));
    }

    /** What makes a file short; null where it is not to be made so. */
    private interface Shortening {
        @Nullable
        TableOperations of(Path file, long bytes) throws IOException;
    }

    private void everyCut(List<String> notInSummaries, Shortening shortening) throws IOException {
        List<AvroBlocks> files = make();
        dropFromSummaries(notInSummaries);
        Sweeping.plant(table().location().resolve("data/nobodys.parquet"));
        Sweeping.age(table().location());
        TableMetadata metadata = ops().current();
        Set<Path> ofMain = namedBy(metadata.currentSnapshot());
        Set<Path> withoutDeletes = new HashSet<>(ofMain);
        metadata.currentSnapshot()
                .deleteManifests(ops().io())
                .forEach(manifest -> withoutDeletes.remove(locate(manifest.path())));
        Set<Path> staying = new HashSet<>(ofMain);
        staying.addAll(namedBy(metadata.snapshot(metadata.ref("audit").snapshotId())));
        SavedTree whole = SavedTree.of(root());
        NavigableSet<Path> reachable = table().reader().reachable();
        List<String> rows = table().reader().rows();
        int cuts = 0;

        for (Map.Entry<String, Function<TableOperations, ActionResult>> action :
                actions().entrySet()) {
            Set<Path> needed = switch (action.getKey()) {
                case "orphans" -> reachable;
                case "expire" -> staying;
                case "rewrite-manifests" -> withoutDeletes; // those it leaves as they are
                default -> ofMain;
            };
            for (AvroBlocks blocks : files) {
                for (long bytes : needed.contains(blocks.file()) ? blocks.cuts() : List.<Long>of()) {
                    String what = "%s, %s to %d of %d bytes"
                            .formatted(action.getKey(), blocks.file(), bytes, blocks.length());
                    TableOperations ops = shortening.of(blocks.file(), bytes);
                    if (ops == null) {
                        continue;
                    }

                    ActionResult result = action.getValue().apply(ops);

                    assertThat(SavedTree.files(root())).as(what).isEqualTo(whole.files());
                    assertThat(result.reason()).as("%s: %s", what, result).isEqualTo(Reason.METADATA_UNREADABLE);
                    assertThat(result.detail()).as(what).contains(location(blocks.file()));
                    whole.restore();
                    Sweeping.age(table().location());
                    cuts++;
                }
            }
        }
        assertThat(table().reader().rows()).isEqualTo(rows);
        assertThat(cuts).isGreaterThan(50);
        for (Map.Entry<String, Function<TableOperations, ActionResult>> action :
                actions().entrySet()) {
            ActionResult result = action.getValue().apply(ops());
            assertThat(result.reason().outcome())
                    .as("%s of the whole table: %s", action.getKey(), result)
                    .isNotEqualTo(Outcome.FAILED);
        }
        assertThat(table().reader().rows()).isEqualTo(rows);
    }

    @Test
    void a_damaged_manifest_of_an_expiring_snapshot_does_not_keep_a_table_from_expiring() throws IOException {
        for (int bytes : new int[] {0, 100}) {
            made = PathTable.create(disk, "going%d".formatted(bytes), 2, Map.of());
            table().append(1);
            String manifest = ops().current()
                    .currentSnapshot()
                    .allManifests(ops().io())
                    .get(0)
                    .path();
            String list = ops().current().currentSnapshot().manifestListLocation();
            DataFile replaced = table().append(2);
            table().replace(3);
            Files.write(Path.of(bytes == 0 ? manifest : list), new byte[bytes]);

            ActionResult result = Expiry.keeping(1).execute(ops());

            assertThat(result.reason()).as(result.detail()).isEqualTo(Reason.EXPIRED);
            assertThat(result.detail()).contains("1 manifests of expiring snapshots are missing or not whole");
            assertThat(Path.of(replaced.location())).doesNotExist();
            assertThat(table().reader().rows()).hasSize(1);
        }
    }

    @Test
    void a_second_reading_that_is_cut_does_not_hide_files_from_a_compaction() throws IOException {
        List<AvroBlocks> files = make();
        SavedTree whole = SavedTree.of(root());
        List<String> rows = table().reader().rows();
        Set<Path> ofMain = namedBy(ops().current().currentSnapshot());

        Set<Path> data = new HashSet<>();
        ops().current()
                .currentSnapshot()
                .dataManifests(ops().io())
                .forEach(manifest -> data.add(Path.of(manifest.path())));

        for (AvroBlocks blocks : files) {
            for (int opening = 2; opening <= 4 && ofMain.contains(blocks.file()); opening++) {
                for (long bytes : List.of(blocks.ends().get(0), blocks.ends().get(1))) {
                    int[] opened = new int[1];
                    ActionResult result = Compacting.small()
                            .execute(new ShortAnswers(ops(), blocks.file().toString(), bytes, opening, opened));

                    assertThat(table().reader().rows())
                            .as("%s, opening %d: %s", blocks, opening, result)
                            .isEqualTo(rows);
                    if (opening == 2 && bytes < blocks.length() && data.contains(blocks.file())) {
                        // Iceberg's scan: a file that it misses would not keep the deletes that it needs.
                        assertThat(result.reason()).as("%s: %s", blocks, result).isEqualTo(Reason.METADATA_UNREADABLE);
                    }
                    whole.restore();
                }
            }
        }
    }

    @Test
    void totals_that_claim_too_much_for_ever_keep_nobody_from_a_table_that_is_whole() throws IOException {
        make();
        dropFromSummaries(List.of("manifests-created", "manifests-kept"));
        eachSummary(summary -> summary.put(
                "total-data-files",
                Integer.toString(summary.get("total-data-files").asInt() + 2)));
        Sweeping.age(table().location());
        List<String> rows = table().reader().rows();

        SavedTree whole = SavedTree.of(root());
        for (Map.Entry<String, Function<TableOperations, ActionResult>> action :
                actions().entrySet()) {
            ActionResult result = action.getValue().apply(ops());

            assertThat(result.reason().outcome())
                    .as("%s: %s", action.getKey(), result)
                    .isNotEqualTo(Outcome.FAILED);
            assertThat(table().reader().rows()).isEqualTo(rows);
            whole.restore();
        }
    }

    @Test
    void duplicates_that_a_commit_removed_and_did_not_count_are_no_cut() throws IOException {
        make();
        dropFromSummaries(List.of("manifests-created", "manifests-kept"));
        long last = table().currentSnapshot();
        eachSnapshot(snapshot -> {
            if (snapshot.get("snapshot-id").asLong() == last) {
                ObjectNode summary = (ObjectNode) snapshot.get("summary");
                summary.put(
                        "total-data-files",
                        Integer.toString(summary.get("total-data-files").asInt() + 1));
                summary.put("deleted-duplicate-files", "1");
            }
        });

        ActionResult result = Expiry.keeping(1).execute(ops());

        assertThat(result.reason()).as(result.detail()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void lengths_and_counts_that_another_writer_got_wrong_keep_nobody_from_a_table_that_is_whole() throws IOException {
        List<Consumer<org.apache.avro.generic.GenericRecord>> lies = List.of(
                row -> row.put("manifest_length", (long) row.get("manifest_length") + 10),
                row -> row.put("manifest_length", 1L),
                row -> row.put("added_files_count", (int) row.get("added_files_count") + 10));
        for (Consumer<org.apache.avro.generic.GenericRecord> lie : lies) {
            made = PathTable.create(disk, "lie%d".formatted(lies.indexOf(lie)), 2, Map.of());
            table().append(1);
            table().replace(2);
            table().append(3);
            for (Snapshot snapshot : ops().current().snapshots()) {
                AvroBlocks.change(Path.of(snapshot.manifestListLocation()), lie);
            }

            ActionResult result = Expiry.keeping(1).execute(ops());

            assertThat(result.reason()).as(result.detail()).isEqualTo(Reason.EXPIRED);
            assertThat(table().reader().rows()).hasSize(2);
        }
    }

    /** Appends, deletes and a branch, each in manifests of several blocks. */
    private List<AvroBlocks> make() throws IOException {
        source = place.open();
        made = PathTable.create(place, source, "t", 2, Map.of("commit.manifest-merge.enabled", "false"));
        DataFile first = table().append(1, 2);
        table().append(3);
        appendAgain(null);
        BaseTable loaded = table().load();
        loaded.manageSnapshots()
                .createBranch("audit", table().currentSnapshot())
                .commit();
        appendAgain("audit");
        table().delete(first, 0);
        table().append(5);
        List<AvroBlocks> files = new ArrayList<>();
        Map<String, AvroBlocks> manifests = new HashMap<>();
        for (Snapshot snapshot : ops().current().snapshots()) {
            files.addAll(AvroBlocks.ofSnapshot(locate(snapshot.manifestListLocation()), manifests, place.locate()));
        }
        return files;
    }

    /** Two files in one manifest, of rows that are there already. */
    private void appendAgain(@Nullable String branch) throws IOException {
        BaseTable loaded = table().load();
        List<DataFile> files = new ArrayList<>();
        loaded.currentSnapshot().addedDataFiles(loaded.io()).forEach(files::add);
        Path copied = locate(files.get(0).location());
        var append = loaded.newFastAppend();
        for (int i = 0; i < 2; i++) {
            Path copy = copied.resolveSibling("copy-%s-%d.parquet".formatted(branch, i));
            Files.copy(copied, copy);
            append.appendFile(org.apache.iceberg.DataFiles.builder(loaded.spec())
                    .copy(files.get(0))
                    .withPath(location(copy))
                    .build());
        }
        if (branch != null) {
            append.toBranch(branch);
        }
        append.commit();
    }

    private Set<Path> namedBy(Snapshot snapshot) {
        Set<Path> named = new HashSet<>();
        named.add(locate(snapshot.manifestListLocation()));
        snapshot.allManifests(ops().io()).forEach(manifest -> named.add(locate(manifest.path())));
        return named;
    }

    private PathTable table() {
        return Objects.requireNonNull(made);
    }

    private TableOperations ops() {
        return table().load().operations();
    }

    private void dropFromSummaries(List<String> keys) throws IOException {
        eachSummary(summary -> summary.remove(keys));
    }

    private void eachSummary(Consumer<ObjectNode> change) throws IOException {
        eachSnapshot(snapshot -> change.accept((ObjectNode) snapshot.get("summary")));
    }

    private void eachSnapshot(Consumer<JsonNode> change) throws IOException {
        Path file = locate(ops().current().metadataFileLocation());
        JsonNode metadata = JSON.readTree(file.toFile());
        metadata.get("snapshots").forEach(change);
        JSON.writeValue(file.toFile(), metadata);
    }
}
