package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.IcebirdFixtures;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables as icebird wrote them: loaded, committed to, and left in a form that it can go on with. */
class IcebirdTablesTest {

    @TempDir
    Path directory;

    private IcebirdFixtures fixtures;
    private TableSource source;

    @BeforeEach
    void unpack() throws IOException {
        fixtures = IcebirdFixtures.unpack(directory);
        source = OpenCatalogs.open(
                "exports", "path", Map.of("warehouse", "exports/iceberg/datasets", "blob-root", "exports"), directory);
    }

    @AfterEach
    void close() {
        source.close();
    }

    static List<String> tables() {
        return Stream.concat(IcebirdFixtures.TABLES_WITH_ROWS.stream(), Stream.of(IcebirdFixtures.EMPTY_TABLE))
                .sorted()
                .toList();
    }

    @Test
    void lists_all_tables() {
        List<String> listed = new ArrayList<>();
        source.list().forEachRemaining(ref -> listed.add(ref.fullName()));

        assertThat(listed)
                .containsExactlyElementsOf(
                        tables().stream().map(name -> "exports." + name).toList());
    }

    @ParameterizedTest
    @MethodSource("tables")
    void loads_and_reaches_every_file_and_writes_nothing(String name) throws IOException {
        SortedMap<String, Long> before = Trees.contents(directory);

        BaseTable table = load(name);
        try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
            for (FileScanTask task : files) {
                assertThat(task.file().location()).startsWith("blob://iceberg/datasets/" + name + "/data/");
                InputFile file = table.io().newInputFile(task.file());
                assertThat(file.exists()).isTrue();
                assertThat(file.location()).isEqualTo(task.file().location());
                assertThat(file.getLength()).isEqualTo(task.file().fileSizeInBytes());
            }
        }

        assertThat(table.location()).isEqualTo("blob://iceberg/datasets/" + name);
        assertThat(table.operations().current().metadataFileLocation())
                .isEqualTo(table.location() + "/metadata/"
                        + fixtures.metadata(name).getFileName());
        assertThat(Trees.contents(directory)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void a_commit_makes_the_next_version_as_icebird_names_it(String name) throws IOException {
        Path before = fixtures.metadata(name);
        BaseTable table = load(name);
        TableMetadata old = table.operations().current();

        table.updateProperties().set("owner", "ops").commit();

        long version = MetadataVersion.of(before.getFileName().toString())
                        .orElseThrow()
                        .number()
                + 1;
        Path after = before.resolveSibling("v" + version + ".metadata.json");
        assertThat(fixtures.metadata(name)).isEqualTo(after);
        assertThat(before.resolveSibling("version-hint.text")).hasContent(Long.toString(version));
        TableMetadata now = load(name).operations().current();
        assertThat(now.properties()).containsEntry("owner", "ops");
        assertThat(now.location()).isEqualTo(old.location());
        assertThat(now.snapshots()).hasSameSizeAs(old.snapshots());
        TableMetadata.MetadataLogEntry last =
                now.previousFiles().get(now.previousFiles().size() - 1);
        assertThat(last.file()).isEqualTo("blob://iceberg/datasets/" + name + "/metadata/" + before.getFileName());
        assertThat(last.timestampMillis()).isEqualTo(old.lastUpdatedMillis());
        assertThat(names(before)).noneMatch(file -> file.startsWith(".sink-"));
    }

    @Test
    void an_append_has_an_id_that_javascript_can_hold_and_keeps_blob_locations() {
        for (int i = 0; i < 20; i++) {
            BaseTable table = load("events_v2_session");
            table.newFastAppend()
                    .appendFile(DataFiles.builder(table.spec())
                            .withPath(table.locationProvider().newDataLocation("made-" + i + ".parquet"))
                            .withPartition(new PartitionData(table.spec().partitionType()))
                            .withFileSizeInBytes(100)
                            .withRecordCount(1)
                            .build())
                    .commit();

            assertThat(table.currentSnapshot().snapshotId()).isBetween(1L, (1L << 53) - 1);
            assertThat(table.currentSnapshot().manifestListLocation())
                    .startsWith("blob://iceberg/datasets/events_v2_session/metadata/snap-");
            assertThat(table.currentSnapshot().allManifests(table.io()))
                    .allMatch(manifest -> manifest.path().startsWith("blob://iceberg/datasets/"));
        }
        assertThat(directory.resolve("blob:")).doesNotExist();
    }

    @Test
    void a_wrong_or_missing_hint_changes_nothing() throws IOException {
        Path newest = fixtures.metadata("events_v3_day");
        Path hint = newest.resolveSibling("version-hint.text");

        for (String wrong : List.of("1", "99", "not a number", "")) {
            Files.writeString(hint, wrong);
            assertThat(load("events_v3_day").operations().current().metadataFileLocation())
                    .endsWith("/v41.metadata.json");
        }
        Files.delete(hint);
        BaseTable table = load("events_v3_day");
        table.updateProperties().set("owner", "ops").commit();

        assertThat(newest.resolveSibling("v42.metadata.json")).exists();
        assertThat(hint).hasContent("42");
    }

    @Test
    void versions_that_were_deleted_leave_gaps_that_do_no_harm() throws IOException {
        Path newest = fixtures.metadata("events_v3_day");
        for (int version : new int[] {1, 2, 17, 40}) {
            Files.delete(newest.resolveSibling("v" + version + ".metadata.json"));
        }
        Files.writeString(newest.resolveSibling("version-hint.text"), "39");

        BaseTable table = load("events_v3_day");
        table.updateProperties().set("owner", "ops").commit();

        assertThat(newest.resolveSibling("v42.metadata.json")).exists();
        assertThat(newest.resolveSibling("v40.metadata.json")).doesNotExist();
    }

    private BaseTable load(String name) {
        return source.load(new TableRef("exports", List.of(), name));
    }

    private static List<String> names(Path sibling) throws IOException {
        try (Stream<Path> files = Files.list(sibling.resolveSibling(""))) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }
}
