package io.sink.orphans;

import static io.sink.testing.Sweeping.age;
import static io.sink.testing.Sweeping.plant;
import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.action.StopSignal;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Findings.Share;
import io.sink.outcome.Reason;
import io.sink.run.CatalogOpening;
import io.sink.run.CatalogTables;
import io.sink.storage.OtherTables;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.testing.Expiry;
import io.sink.testing.Faults;
import io.sink.testing.FaultyOperations;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.Sweeping;
import io.sink.testing.TableChanges;
import io.sink.testing.UnreadTables;
import io.sink.testing.Watched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orphans of each kind go; whatever only looks like one stays. */
class OrphansActionTest {
    @TempDir
    Path warehouse;

    private JdbcCatalog catalog;
    private BaseTable table;
    private Path location;

    @BeforeEach
    void make_a_table_of_everything() throws IOException {
        catalog = SqliteCatalog.make("lake", warehouse);
        catalog.createNamespace(Namespace.of("db"));
        table = make("t", Map.of("format-version", "3"));
        location = Path.of(table.location());
        DataFile file = append(table, 1, 2, 3);
        new TableChanges(table).deletePositions(file, 0);
        append(table, 4);
        table.manageSnapshots()
                .createTag("kept", table.currentSnapshot().snapshotId())
                .commit();
        statistics();
        append(table, 5);
        age(warehouse);
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private BaseTable make(String name, Map<String, String> properties) {
        return (BaseTable) catalog.createTable(
                TableIdentifier.of("db", name), PathTable.SCHEMA, PartitionSpec.unpartitioned(), properties);
    }

    private void statistics() throws IOException {
        long id = table.currentSnapshot().snapshotId();
        Path statistics = Files.writeString(location.resolve("metadata/stats.puffin"), "statistics");
        table.updateStatistics()
                .setStatistics(new GenericStatisticsFile(
                        id,
                        statistics.toString(),
                        Files.size(statistics),
                        10,
                        List.of(new GenericBlobMetadata("ndv", id, 1, List.of(1), Map.of()))))
                .commit();
    }

    private static DataFile append(BaseTable table, long... ids) throws IOException {
        table.refresh();
        return new TableChanges(table).append(rows(ids)).get(0);
    }

    private static List<Record> rows(long... ids) {
        return Arrays.stream(ids)
                .mapToObj(id -> {
                    Record row = GenericRecord.create(PathTable.SCHEMA);
                    row.setField("id", id);
                    return row;
                })
                .toList();
    }

    private TableOperations ops() {
        return ops("t");
    }

    private TableOperations ops(String name) {
        return ((BaseTable) catalog.loadTable(TableIdentifier.of("db", name))).operations();
    }

    private SecondReader reader(String name) {
        return SecondReader.of(SecondReader.local(ops(name).current().metadataFileLocation()), SecondReader::local);
    }

    /** Sweeps, and holds that exactly these files went, that the dry run said so, and that the table is whole. */
    private ActionResult sweepTakes(Path... orphans) {
        return sweepTakes(Sweeping.all(), orphans);
    }

    private ActionResult sweepTakes(Sweeping sweeping, Path... orphans) {
        TreeSet<Path> expected = SavedTree.files(warehouse);
        expected.removeAll(List.of(orphans));
        List<String> rows = reader("t").rows();
        ActionResult planned = sweeping.preview(ops());
        assertThat(SavedTree.files(warehouse))
                .as(planned.toString())
                .containsAll(expected)
                .contains(orphans);

        ActionResult result = sweeping.execute(ops());

        assertThat(SavedTree.files(warehouse)).as(result.toString()).isEqualTo(expected);
        assertThat(result.files().deleted())
                .as(result.toString())
                .containsExactlyInAnyOrderElementsOf(
                        List.of(orphans).stream().map(Path::toString).toList());
        assertThat(result.effect().get(Counter.ORPHAN_FILES_DELETED)).isEqualTo(orphans.length);
        assertThat(planned.effect()).isEqualTo(result.effect());
        assertThat(planned.files()).isEqualTo(result.files());
        assertThat(planned.findings().byPrefix()).isEqualTo(result.findings().byPrefix());
        assertThat(reader("t").rows()).isEqualTo(rows);
        assertThat(reader("t").reachable()).allMatch(Files::exists);
        assertThat(sweeping.execute(ops()).reason()).isEqualTo(Reason.NO_ORPHANS);
        return result;
    }

    /** The location of a table can be a directory in which somebody keeps more than the table. */
    @Test
    void leaves_files_with_names_that_no_writer_of_tables_gives_and_tells_of_each() {
        List<Path> foreign = new ArrayList<>();
        for (String name : List.of(
                "catalog.db", "sink.yaml", "data/sales.csv", "data/x.parquet.bak", "metadata/notes.json", "LICENSE")) {
            foreign.add(plant(location.resolve(name)));
        }
        Path orphan = plant(location.resolve("data/x.parquet"));

        ActionResult result = sweepTakes(orphan);

        assertThat(foreign).allSatisfy(file -> assertThat(file).exists());
        assertThat(result.files().left())
                .containsExactlyInAnyOrderElementsOf(foreign.stream()
                        .map(file -> file + " (not deleted: no writer of Iceberg tables gives a file such a name)")
                        .toList());
        assertThat(result.effect().get(Counter.FILES_LEFT)).isEqualTo(foreign.size());
    }

    @Test
    void takes_orphans_of_each_kind() throws IOException {
        Path dataFile = plant(location.resolve("data/00000-0-never-committed.parquet"));
        Path vector = plant(location.resolve("data/00000-0-deletes.puffin"));
        Path inPartition = plant(location.resolve("data/day=2026-11-01/x.parquet"));
        Path manifest = plant(location.resolve("metadata/0000-m0.avro"));
        Path list = plant(location.resolve("metadata/snap-1-1-0000.avro"));
        Path statistics = plant(location.resolve("metadata/old.stats"));
        Path besides = plant(location.resolve("somewhere/000000_0"));
        // of a commit that died before the catalog named it, and a later one landed
        Path metadata = location.resolve("metadata/00001-dead.metadata.json");
        Files.writeString(metadata, TableMetadataParser.toJson(ops().current()));
        age(metadata);

        ActionResult result = sweepTakes(dataFile, vector, inPartition, manifest, list, statistics, besides, metadata);

        assertThat(result.reason()).isEqualTo(Reason.ORPHANS_DELETED);
        assertThat(result.findings().byPrefix())
                .extracting(Share::prefix)
                .containsExactlyInAnyOrder(
                        location + "/data/",
                        location + "/data/day=2026-11-01/",
                        location + "/metadata/",
                        location + "/somewhere/");
        assertThat(result.findings().byPrefix().stream().mapToLong(Share::files).sum())
                .isEqualTo(8);
        assertThat(result.findings().byPrefix().stream().mapToLong(Share::bytes).sum())
                .isEqualTo(result.effect().get(Counter.BYTES_FREED));
    }

    @Test
    void finds_nothing_in_a_table_that_has_no_orphan() {
        ActionResult result = Sweeping.all().execute(ops());

        assertThat(result.reason()).isEqualTo(Reason.NO_ORPHANS);
    }

    @Test
    void takes_what_an_expiry_left_behind() throws IOException {
        Faults noDeletes = Faults.none()
                .failing(
                        call -> call.contains("delete") && !call.contains("journal"),
                        message -> new RuntimeIOException("%s", message));
        table.refresh();
        table.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
        append(table, 9);
        table.manageSnapshots().removeTag("kept").commit();
        Expiry.keeping(1).execute(new FaultyOperations(ops(), Faults.none(), noDeletes));
        age(warehouse);
        TreeSet<Path> before = SavedTree.files(warehouse);

        // its journal names them, so they are that run's to settle
        assertThat(Sweeping.all().execute(ops()).reason()).isEqualTo(Reason.NO_ORPHANS);

        assertThat(SavedTree.files(warehouse)).isEqualTo(before);
        assertThat(Expiry.keeping(1).execute(ops()).reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void leaves_files_that_a_writer_may_be_at_work_on() throws IOException {
        Path old = plant(location.resolve("data/old.parquet"));
        Path young = Files.writeString(location.resolve("data/young.parquet"), "x");
        Path almost = plant(location.resolve("data/almost.parquet"));
        Files.setLastModifiedTime(
                almost, FileTime.from(Instant.now().minus(Duration.ofDays(3)).plusSeconds(60)));

        sweepTakes(old);

        assertThat(young).exists();
        assertThat(almost).exists();
    }

    @Test
    void takes_no_file_younger_than_a_day_whatever_is_asked() throws IOException {
        Path hours = plant(location.resolve("data/hours.parquet"));
        Files.setLastModifiedTime(hours, FileTime.from(Instant.now().minus(Duration.ofHours(23))));

        ActionResult result = Sweeping.all().withOlderThan(Duration.ZERO).execute(ops());

        assertThat(result.reason()).isEqualTo(Reason.NO_ORPHANS);
        assertThat(hours).exists();
    }

    @Test
    void does_not_mistake_a_neighbour_whose_name_begins_alike_for_a_part_of_the_table() throws IOException {
        Path other = plant(warehouse.resolve("db/t10/data/x.parquet"));
        Path orphan = plant(location.resolve("data/x.parquet"));

        sweepTakes(orphan);

        assertThat(other).exists();
    }

    @Test
    void leaves_another_table_that_lies_in_the_table_and_is_in_no_catalog() throws IOException {
        PathTable nested = PathTable.create(location.resolve("data"), "nested", 2, Map.of());
        nested.append(7);
        plant(nested.location().resolve("data/not-even-its-own-orphan.parquet"));
        age(nested.location());
        Path orphan = plant(location.resolve("data/x.parquet"));

        ActionResult result = sweepTakes(orphan);

        assertThat(result.detail()).contains("places of other tables");
        assertThat(nested.reader().rows()).hasSize(1);
    }

    @Test
    void leaves_what_lies_in_the_table_and_is_a_place_of_another_by_its_catalog() throws IOException {
        Path theirs = location.resolve("theirs");
        BaseTable other = make("other", Map.of("write.data.path", theirs.toString()));
        append(other, 8);
        Path staged = plant(theirs.resolve("staged-by-the-other.parquet"));
        age(theirs);
        Path orphan = plant(location.resolve("data/x.parquet"));

        sweepTakes(Sweeping.all().of("lake.db.t").among(neighbours()), orphan);

        assertThat(staged).exists();
        assertThat(reader("other").reachable()).allMatch(Files::exists);
    }

    private OtherTables neighbours() {
        return new CatalogTables(
                List.of(new CatalogOpening(
                        "lake",
                        () -> OpenCatalogs.open("lake", "jdbc", SqliteCatalog.properties(warehouse), warehouse))),
                ref -> List.of());
    }

    @Test
    void sweeps_places_outside_the_location_unless_they_are_shared() throws IOException {
        Path data = warehouse.resolve("elsewhere/data");
        Path metadata = warehouse.resolve("elsewhere/metadata");
        table.updateProperties()
                .set("write.data.path", data.toString())
                .set("write.metadata.path", metadata.toString())
                .commit();
        append(table, 6);
        append(table, 7);
        age(warehouse);
        Path one = plant(data.resolve("x.parquet"));
        Path two = plant(metadata.resolve("x.avro"));
        Path old = plant(location.resolve("metadata/x.avro"));

        sweepTakes(one, two, old);
        BaseTable other =
                make("other", Map.of("write.data.path", data.toString(), "write.metadata.path", metadata.toString()));
        append(other, 8);
        age(warehouse);
        plant(one);
        plant(two);
        plant(old);
        ActionResult shared = sweepTakes(Sweeping.all().of("lake.db.t").among(neighbours()), old);

        assertThat(shared.detail()).contains("it is also a place of lake.db.other");
        assertThat(reader("other").reachable()).allMatch(Files::exists);
    }

    @Test
    void leaves_a_shared_metadata_folder_alone_though_the_other_table_is_in_no_catalog() throws IOException {
        Path metadata = warehouse.resolve("shared");
        table.updateProperties().set("write.metadata.path", metadata.toString()).commit();
        BaseTable other = make("other", Map.of("write.metadata.path", metadata.toString()));
        append(other, 8);
        append(table, 6);
        age(warehouse);
        Path orphan = plant(location.resolve("data/x.parquet"));

        sweepTakes(orphan);

        assertThat(reader("other").reachable()).allMatch(Files::exists);
    }

    @Test
    void leaves_the_metadata_of_a_view_that_was_made_where_the_table_is() throws IOException {
        TableIdentifier view = TableIdentifier.of("db", "view");
        catalog.buildView(view)
                .withSchema(table.schema())
                .withDefaultNamespace(Namespace.of("db"))
                .withQuery("spark", "SELECT * FROM t")
                .withLocation(location.toString())
                .create();
        age(warehouse);
        Path orphan = plant(location.resolve("data/x.parquet"));

        sweepTakes(orphan);

        assertThat(catalog.loadView(view).sqlFor("spark").sql()).isEqualTo("SELECT * FROM t");
    }

    @Test
    void sweeps_nothing_while_a_table_of_a_configured_catalog_cannot_be_read() throws IOException {
        Path inside = plant(location.resolve("data/x.parquet"));

        ActionResult result = Sweeping.all()
                .of("lake.db.t")
                .among(UnreadTables.table("lake.db.dark"))
                .execute(ops());

        assertThat(inside).exists();
        assertThat(result.reason()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(result.detail()).contains("table lake.db.dark", "no answer");
    }

    @Test
    void sweeps_nothing_of_a_table_whose_location_is_also_another_table() throws IOException {
        String metadata = ops().current().metadataFileLocation();
        catalog.registerTable(TableIdentifier.of("db", "copy"), metadata);
        append((BaseTable) catalog.loadTable(TableIdentifier.of("db", "copy")), 77);
        append(table, 6);
        age(warehouse);
        TreeSet<Path> before = SavedTree.files(warehouse);

        ActionResult result = Sweeping.all().of("lake.db.t").among(neighbours()).execute(ops());

        assertThat(result.reason()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(result.detail()).contains("lake.db.copy");
        assertThat(SavedTree.files(warehouse)).isEqualTo(before);
    }

    @Test
    void refuses_a_table_that_another_catalog_has_taken_further() throws IOException {
        // the old catalog still shows the table as it was before the move
        String old = ops().current().metadataFileLocation();
        append(table, 6);
        age(warehouse);
        catalog.dropTable(TableIdentifier.of("db", "t"), false);
        catalog.registerTable(TableIdentifier.of("db", "t"), old);
        TreeSet<Path> before = SavedTree.files(warehouse);

        ActionResult result = Sweeping.all().execute(ops());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(SavedTree.files(warehouse)).isEqualTo(before);
    }

    @Test
    void leaves_hidden_files_and_takes_those_of_a_partition_that_only_looks_hidden() throws IOException {
        table.updateSpec().addField("_day", Expressions.bucket("id", 4)).commit();
        age(warehouse);
        plant(location.resolve("_temporary/0/x.parquet"));
        plant(location.resolve("data/.x.parquet.crc"));
        plant(location.resolve("data/_SUCCESS"));
        plant(location.resolve("data/_other=1/x.parquet"));
        plant(location.resolve("data_$folder$"));
        Path partition = plant(location.resolve("data/_day=1/x.parquet"));

        sweepTakes(partition);
    }

    @Test
    void leaves_the_files_of_a_table_of_another_format_in_the_same_place() throws IOException {
        plant(location.resolve("inner/_delta_log/00000.json"));
        plant(location.resolve("inner/part-0.parquet"));
        Path orphan = plant(location.resolve("data/x.parquet"));

        sweepTakes(orphan);
    }

    @Test
    void does_not_decode_paths() throws IOException {
        Path live = live("data/name=a%2Fb/x.parquet");
        Path alike = plant(location.resolve("data/name=a/b/x.parquet"));
        Path orphan = plant(location.resolve("data/name=a%2Fb/y.parquet"));

        ActionResult result = sweepTakes(orphan);

        assertThat(live).exists();
        assertThat(alike).exists();
        assertThat(result.files().left()).singleElement().asString().startsWith(alike.toString());
    }

    @Test
    void knows_a_live_file_however_its_slashes_are_doubled_and_its_scheme_is_written() throws IOException {
        live("data/one.parquet", "file:");
        live("/data//two.parquet", "");
        Path orphan = plant(location.resolve("data/x.parquet"));

        sweepTakes(orphan);
    }

    /** Commits a file of this name. */
    private Path live(String name) throws IOException {
        return live(name, "");
    }

    private Path live(String name, String scheme) throws IOException {
        table.refresh();
        DataFile written = new TableChanges(table).write(rows(11), table.schema(), table.spec(), null);
        Path place = location.resolve(name.replaceFirst("^/", ""));
        Files.createDirectories(place.getParent());
        Files.move(Path.of(written.location()), place);
        table.newAppend()
                .appendFile(DataFiles.builder(table.spec())
                        .copy(written)
                        .withPath(scheme + location + "/" + name)
                        .build())
                .commit();
        age(warehouse);
        return place;
    }

    @Test
    void leaves_what_a_run_staged_and_may_have_committed() throws IOException {
        StagedFiles staged = new StagedFiles(ops(), "01DEAD", Owner.current(), InstantSource.system());
        Path file = location.resolve("data/staged.parquet");
        staged.announce(file.toString());
        plant(file);
        age(warehouse);
        Path orphan = plant(location.resolve("data/x.parquet"));

        ActionResult result = sweepTakes(orphan);

        assertThat(file).exists();
        assertThat(result.detail()).contains("named by journals");
    }

    @Test
    void leaves_the_journal_of_an_expiry_whose_commit_is_unknown() throws IOException {
        table.manageSnapshots().removeTag("kept").commit();
        Faults unknown = Faults.none()
                .failing("commit"::equals, message -> new CommitStateUnknownException(new IOException(message)));
        Expiry.keeping(1).execute(new FaultyOperations(ops(), unknown, Faults.none()));
        age(warehouse);
        TreeSet<Path> before = SavedTree.files(warehouse);
        assertThat(before).anyMatch(file -> file.toString().contains("sink-journal"));

        assertThat(Sweeping.all().execute(ops()).reason()).isEqualTo(Reason.NO_ORPHANS);

        assertThat(SavedTree.files(warehouse)).isEqualTo(before);
    }

    @Test
    void reads_the_table_again_after_the_listing() throws IOException {
        // an old file that a writer commits while the places are listed
        DataFile late = new TableChanges(table).write(rows(21), table.schema(), table.spec(), null);
        age(warehouse);
        TableOperations ops = ops();
        Path orphan = plant(location.resolve("data/x.parquet"));
        AtomicBoolean committed = new AtomicBoolean();
        TableOperations raced = Watched.table(ops, call -> {
            if (call.startsWith("list ") && committed.compareAndSet(false, true)) {
                table.refresh();
                table.newFastAppend().appendFile(late).commit();
            }
        });

        ActionResult result = Sweeping.all().execute(raced);

        assertThat(result.files().deleted()).containsExactly(orphan.toString());
        assertThat(reader("t").rows()).anyMatch(row -> row.contains("21"));
        assertThat(reader("t").reachable()).allMatch(Files::exists);
    }

    @Test
    void reads_the_table_again_before_each_deletion() throws IOException {
        DataFile late = new TableChanges(table).write(rows(21), table.schema(), table.spec(), null);
        age(warehouse);
        Path orphan = plant(location.resolve("data/x.parquet"));
        TableOperations ops = ops();
        Plan plan = ((Decision.Go) Sweeping.all().decide(ops)).plan();
        table.refresh();
        table.newFastAppend().appendFile(late).commit();

        ActionResult result = plan.execute();

        assertThat(result.files().deleted()).containsExactly(orphan.toString());
        assertThat(result.detail()).contains("1 came to be named meanwhile");
        assertThat(reader("t").reachable()).allMatch(Files::exists);
    }

    @Test
    void deletes_nothing_where_a_manifest_cannot_be_read() throws IOException {
        Path orphan = plant(location.resolve("data/x.parquet"));
        String manifest = ops().current()
                .currentSnapshot()
                .allManifests(ops().io())
                .get(0)
                .path();
        Files.writeString(Path.of(manifest), "no manifest");

        ActionResult result = Sweeping.all().execute(ops());

        assertThat(result.reason()).isEqualTo(Reason.METADATA_UNREADABLE);
        assertThat(orphan).exists();
    }

    @Test
    void deletes_nothing_of_a_table_whose_files_may_be_shared() throws IOException {
        Path orphan = plant(location.resolve("data/x.parquet"));
        table.refresh();
        table.updateProperties().set("gc.enabled", "false").commit();

        assertThat(Sweeping.all().execute(ops()).reason()).isEqualTo(Reason.GC_DISABLED);
        assertThat(orphan).exists();
    }

    @Test
    void refuses_where_more_would_go_than_the_guard_lets() throws IOException {
        Path orphan = location.resolve("data/large.parquet");
        Files.write(orphan, new byte[1 << 20]);
        age(orphan);

        ActionResult result = Sweeping.all().withMaxPercent(50).execute(ops());

        assertThat(result.reason()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(result.detail()).contains("1 file with 1.0 MiB of the ");
        assertThat(orphan).exists();
        assertThat(Sweeping.all().withMaxPercent(100).execute(ops()).reason()).isEqualTo(Reason.ORPHANS_DELETED);
    }

    @Test
    void does_not_follow_a_link_out_of_the_table() throws IOException {
        Path elsewhere = plant(warehouse.resolve("precious/x.parquet"));
        Files.createSymbolicLink(location.resolve("data/link"), elsewhere.getParent());
        Files.createSymbolicLink(location.resolve("data/link.parquet"), elsewhere);

        assertThat(Sweeping.all().execute(ops()).reason()).isEqualTo(Reason.NO_ORPHANS);

        assertThat(elsewhere).exists();
    }

    @Test
    void never_takes_the_versions_of_a_table_by_path() throws IOException {
        PathTable byPath = PathTable.create(warehouse, "p", 2, Map.of("write.metadata.previous-versions-max", "1"));
        byPath.append(1);
        byPath.append(2);
        byPath.append(3);
        Files.writeString(byPath.location().resolve("metadata/version-hint.text"), "4");
        age(byPath.location());
        Path orphan = plant(byPath.location().resolve("data/x.parquet"));
        TreeSet<Path> expected = SavedTree.files(byPath.location());
        expected.remove(orphan);

        ActionResult result;
        try (TableSource source =
                OpenCatalogs.open("made", "path", Map.of("warehouse", warehouse.toString()), warehouse)) {
            result = Sweeping.all()
                    .execute(source.load(new TableRef("made", List.of(), "p")).operations());
        }

        assertThat(result.reason()).isEqualTo(Reason.ORPHANS_DELETED);
        assertThat(SavedTree.files(byPath.location())).isEqualTo(expected);
        assertThat(byPath.reader().rows()).hasSize(3);
    }

    @Test
    void stops_between_batches_and_says_what_is_left() throws IOException {
        for (int i = 0; i < 1_010; i++) {
            plant(location.resolve("data/orphan-%04d.parquet".formatted(i)));
        }
        AtomicBoolean late = new AtomicBoolean();
        StopSignal deadline = new StopSignal() {
            @Override
            public boolean stopped() {
                return false;
            }

            @Override
            public boolean pastDeadline() {
                return late.get();
            }
        };
        Plan plan = ((Decision.Go) Sweeping.all()
                        .withStop(deadline)
                        .decide(Watched.table(ops(), call -> late.compareAndSet(false, call.equals("bulk delete")))))
                .plan();

        ActionResult swept = plan.execute();

        assertThat(swept.reason()).isEqualTo(Reason.ORPHANS_DELETED);
        assertThat(swept.effect().get(Counter.ORPHAN_FILES_DELETED)).isEqualTo(1_000);
        assertThat(swept.effect().get(Counter.BACKLOG_FILES)).isEqualTo(10);
        assertThat(SavedTree.files(location).stream()
                        .filter(file -> file.toString().contains("orphan-")))
                .hasSize(10);
    }
}
