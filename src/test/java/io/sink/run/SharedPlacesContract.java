package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableRef;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.storage.OtherTables;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.testing.Expiry;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.Sweeping;
import io.sink.testing.TableChanges;
import io.sink.testing.UnreadTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose places nest, coincide or name each other's files: what one of them needs, no other deletes. */
abstract class SharedPlacesContract {
    @TempDir
    Path folder;

    JdbcCatalog catalog;
    CatalogTables known;

    /** Where the tables are. */
    abstract String warehouse();

    /** Properties of the storage. */
    abstract Map<String, String> storage();

    /** The file of a location. */
    abstract Path locate(String location);

    /** The same location as another writer names it. */
    abstract String respelled(String location);

    @BeforeEach
    void make_a_catalog() {
        Map<String, String> properties = properties();
        catalog = new JdbcCatalog();
        catalog.initialize("lake", properties);
        catalog.createNamespace(Namespace.of("db"));
        known = tables();
    }

    CatalogTables tables() {
        return new CatalogTables(List.of(opening()), ref -> List.of());
    }

    private CatalogOpening opening() {
        return new CatalogOpening("lake", () -> OpenCatalogs.open("lake", "jdbc", properties(), folder));
    }

    private Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>(SqliteCatalog.properties(folder));
        properties.putAll(storage());
        properties.put("warehouse", warehouse());
        return properties;
    }

    @AfterEach
    void close() {
        known.close();
        catalog.close();
    }

    BaseTable make(String name, Map<String, String> properties) {
        return make(name, warehouse() + "/db/" + name, properties);
    }

    BaseTable make(String name, String location, Map<String, String> properties) {
        return (BaseTable) catalog.buildTable(TableIdentifier.of("db", name), PathTable.SCHEMA)
                .withPartitionSpec(PartitionSpec.unpartitioned())
                .withLocation(location)
                .withProperties(properties)
                .create();
    }

    DataFile append(BaseTable table, long... ids) throws IOException {
        table.refresh();
        List<Record> rows = Arrays.stream(ids)
                .mapToObj(id -> {
                    Record row = GenericRecord.create(PathTable.SCHEMA);
                    row.setField("id", id);
                    return row;
                })
                .toList();
        return new TableChanges(table).append(rows).get(0);
    }

    /** Leaves the table with rows of its own, and the files in an old snapshot. */
    void forget(BaseTable table, DataFile... files) throws IOException {
        for (DataFile file : files) {
            table.newDelete().deleteFile(file).commit();
        }
        append(table, 99);
    }

    TableOperations ops(String name) {
        return ((BaseTable) catalog.loadTable(TableIdentifier.of("db", name))).operations();
    }

    ActionResult expire(String name, OtherTables others) {
        return Expiry.keeping(1).of("lake.db." + name, others).execute(ops(name));
    }

    ActionResult sweep(String name, OtherTables others) {
        return Sweeping.all().of("lake.db." + name).among(others).execute(ops(name));
    }

    private static TableRef ref(String name) {
        return new TableRef("lake", List.of("db"), name);
    }

    void isWhole(String... names) {
        for (String name : names) {
            SecondReader reader = SecondReader.of(locate(ops(name).current().metadataFileLocation()), this::locate);
            assertThat(reader.reachable()).as(name).allMatch(Files::exists);
        }
    }

    @Test
    void a_catalog_by_path_that_has_no_table_or_is_not_there_is_unknown() throws IOException {
        Path below = Files.createDirectories(locate(warehouse() + "/another/place"));
        Files.writeString(below.resolve("x"), "no table");

        assertThat(unknownBesides("another"))
                .contains("catalog paths", "no table was found in", warehouse() + "/another");
        assertThat(unknownBesides("missing"))
                .contains("catalog paths", "/missing")
                .containsIgnoringCase("no such ");
    }

    /** What is unknown beside the catalog of the test, with another by path. */
    private String unknownBesides(String path) {
        Map<String, String> paths = new HashMap<>(storage());
        paths.put("warehouse", warehouse() + "/" + path);
        List<CatalogOpening> catalogs = List.of(
                new CatalogOpening("lake", () -> OpenCatalogs.open("lake", "jdbc", properties(), folder)),
                new CatalogOpening("paths", () -> OpenCatalogs.open("paths", "path", paths, folder)));
        try (CatalogTables tables = new CatalogTables(catalogs, ref -> List.of())) {
            List<OtherTables.Unknown> unknown = tables.survey(() -> {}).unknown();
            assertThat(unknown).hasSize(1);
            return unknown.get(0).toString();
        }
    }

    @Test
    void files_of_a_table_whose_location_is_anothers_data_path_stay_and_the_others_own_go() throws IOException {
        BaseTable owner = make("owner", Map.of());
        DataFile needed = append(owner, 1);
        BaseTable guest = make("guest", Map.of("write.data.path", owner.location()));
        DataFile own = append(guest, 2);
        guest.newAppend().appendFile(needed).commit();
        forget(guest, needed, own);

        ActionResult result = expire("guest", known);

        isWhole("owner", "guest");
        assertThat(locate(own.location())).as(result.toString()).doesNotExist();
        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result.files().left())
                .singleElement()
                .asString()
                .startsWith(needed.location())
                .contains("table lake.db.owner needs it");
    }

    @Test
    void a_table_inside_anothers_location_keeps_the_files_that_the_other_had_added() throws IOException {
        BaseTable outer = make("outer", Map.of());
        BaseTable inner = make("inner", outer.location() + "/data/inner", Map.of());
        DataFile needed = append(inner, 1);
        DataFile own = append(outer, 2);
        outer.newAppend().appendFile(needed).commit();
        forget(outer, needed, own);
        known.loaded(Map.of(ref("inner"), CatalogTables.known(ref("inner"), inner, List.of())));

        ActionResult result = expire("outer", known);

        isWhole("outer", "inner");
        assertThat(locate(own.location())).as(result.toString()).doesNotExist();
        assertThat(result.files().left()).singleElement().asString().contains("lake.db.inner");
    }

    @Test
    void a_table_inside_the_location_is_noticed_by_its_metadata_where_a_run_is_narrowed() throws IOException {
        BaseTable outer = make("outer", Map.of());
        BaseTable inner = make("inner", outer.location() + "/data/inner", Map.of());
        DataFile needed = append(inner, 1);
        DataFile other = append(inner, 3);
        DataFile own = append(outer, 2);
        outer.newAppend().appendFile(needed).appendFile(other).commit();
        inner.newDelete().deleteFile(other).commit();
        inner.expireSnapshots()
                .expireOlderThan(System.currentTimeMillis())
                .cleanExpiredFiles(false)
                .commit();
        forget(outer, needed, other, own);

        ActionResult result = expire("outer", known);

        isWhole("outer", "inner");
        assertThat(locate(own.location())).as(result.toString()).doesNotExist();
        assertThat(locate(other.location())).as(result.toString()).doesNotExist();
        assertThat(result.files().left()).singleElement().asString().contains("lake.db.inner needs it");
    }

    @Test
    void a_table_inside_the_location_that_no_catalog_has_loses_nothing() throws IOException {
        BaseTable outer = make("outer", Map.of());
        BaseTable inner = make("inner", outer.location() + "/inner", Map.of());
        DataFile needed = append(inner, 1);
        outer.newAppend().appendFile(needed).commit();
        forget(outer, needed);
        catalog.dropTable(TableIdentifier.of("db", "inner"), false);

        ActionResult result = expire("outer", known);

        assertThat(locate(needed.location())).exists();
        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result.files().left())
                .singleElement()
                .asString()
                .contains("another table's metadata lies beside it");
    }

    @Test
    void a_file_that_two_tables_of_one_place_had_goes_with_the_last_of_them() throws IOException {
        String data = warehouse() + "/shared";
        BaseTable one = make("one", Map.of("write.data.path", data));
        BaseTable two = make("two", Map.of("write.data.path", data));
        DataFile file = append(one, 1);
        two.newAppend().appendFile(file).commit();
        BaseTable three = make("three", Map.of("write.data.path", data));
        three.newAppend().appendFile(file).commit();
        for (BaseTable table : List.of(one, two, three)) {
            forget(table, file);
        }

        for (String earlier : List.of("one", "two")) {
            ActionResult result = expire(earlier, known);
            assertThat(locate(file.location())).as(result.toString()).exists();
        }
        ActionResult last = expire("three", known);

        // What was read of the others for the first of them is old by now.
        assertThat(locate(file.location())).as(last.toString()).doesNotExist();
        isWhole("one", "two", "three");
    }

    @Test
    void in_a_shared_place_nothing_goes_while_a_catalog_is_unknown_and_a_later_run_finishes() throws IOException {
        BaseTable table = make("t", Map.of("write.data.path", warehouse() + "/shared"));
        DataFile file = append(table, 1);
        forget(table, file);

        ActionResult blind = expire("t", UnreadTables.catalog("dark"));
        ActionResult again = expire("t", UnreadTables.table("dark.db.t"));

        assertThat(locate(file.location())).exists();
        assertThat(blind.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(blind.effect().get(Counter.FILES_LEFT)).isEqualTo(1);
        assertThat(blind.files().left())
                .singleElement()
                .asString()
                .contains(file.location(), "could be shared with catalog dark, which cannot be read (no answer)");
        assertThat(again.reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(again.files().left()).singleElement().asString().contains("table dark.db.t");

        ActionResult seeing = expire("t", known);

        assertThat(locate(file.location())).as(seeing.toString()).doesNotExist();
        assertThat(expire("t", known).reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        isWhole("t");
    }

    @Test
    void a_dry_run_says_of_shared_places_what_the_run_then_does() throws IOException {
        BaseTable owner = make("owner", Map.of());
        DataFile needed = append(owner, 1);
        BaseTable guest = make("guest", Map.of("write.data.path", owner.location()));
        guest.newAppend().appendFile(needed).commit();
        forget(guest, needed, append(guest, 2));
        Expiry expiry = Expiry.keeping(1).of("lake.db.guest", known);

        ActionResult planned = expiry.preview(ops("guest"));
        ActionResult done = expiry.execute(ops("guest"));

        assertThat(planned.files()).isEqualTo(done.files());
        assertThat(planned.effect()).isEqualTo(done.effect());
    }

    @Test
    void inside_its_own_location_a_table_expires_and_no_catalog_is_listed() throws IOException {
        BaseTable table = make("t", Map.of());
        DataFile file = append(table, 1);
        forget(table, file);

        ActionResult result = expire("t", UnreadTables.catalog("dark"));

        assertThat(locate(file.location())).as(result.toString()).doesNotExist();
        assertThat(result.files().left()).isEmpty();
    }

    @Test
    void files_of_a_landing_zone_go_only_where_the_operator_gave_it_to_the_table() throws IOException {
        BaseTable lander = make("lander", Map.of("write.data.path", warehouse() + "/landing"));
        DataFile landed = append(lander, 1);
        catalog.dropTable(TableIdentifier.of("db", "lander"), false);
        BaseTable table = make("t", Map.of());
        table.newAppend().appendFile(landed).commit();
        forget(table, landed);
        long kept = table.currentSnapshot().snapshotId();

        ActionResult without = expire("t", known);
        assertThat(locate(landed.location())).as(without.toString()).exists();
        assertThat(without.files().left()).singleElement().asString().contains("outside the table's own locations");
        table.refresh();
        table.newAppend().appendFile(landed).commit();
        forget(table, landed);
        ActionResult with = Expiry.keeping(1)
                .of("lake.db.t", known)
                .withExclusive(warehouse() + "/landing")
                .execute(ops("t"));

        assertThat(locate(landed.location())).as(with + " after " + kept).doesNotExist();
        isWhole("t");
    }

    @Test
    void a_place_given_to_several_tables_is_shared_by_them() throws IOException {
        String landing = warehouse() + "/landing";
        BaseTable lander = make("lander", Map.of("write.data.path", landing));
        DataFile needed = append(lander, 1);
        DataFile unneeded = append(lander, 2);
        catalog.dropTable(TableIdentifier.of("db", "lander"), false);
        BaseTable other = make("other", Map.of());
        other.newAppend().appendFile(needed).commit();
        BaseTable table = make("t", Map.of());
        table.newAppend().appendFile(needed).appendFile(unneeded).commit();
        forget(table, needed, unneeded);
        CatalogOpening dark = new CatalogOpening("dark", () -> {
            throw new IllegalStateException("no answer");
        });

        ActionResult expired;
        ActionResult later;
        try (CatalogTables none = new CatalogTables(List.of(opening(), dark), ref -> List.of(landing));
                CatalogTables all = new CatalogTables(List.of(opening()), ref -> List.of(landing))) {
            Expiry expiry = Expiry.keeping(1).withExclusive(landing);
            expired = expiry.of("lake.db.t", none).execute(ops("t"));
            assertThat(locate(unneeded.location())).as(expired.toString()).exists();
            later = expiry.of("lake.db.t", all).execute(ops("t"));
        }

        assertThat(expired.files().left())
                .anySatisfy(left -> assertThat(left).contains(unneeded.location(), "could be shared with catalog dark"))
                .anySatisfy(left -> assertThat(left).contains(needed.location(), "table lake.db.other needs it"));
        assertThat(locate(needed.location())).exists();
        assertThat(locate(unneeded.location())).as(later.toString()).doesNotExist();
        isWhole("t", "other");
    }

    @Test
    void an_entry_whose_location_was_changed_keeps_what_it_names_in_the_first_ones_place() throws IOException {
        BaseTable first = make("first", Map.of());
        DataFile common = append(first, 1);
        BaseTable second = (BaseTable) catalog.registerTable(
                TableIdentifier.of("db", "second"), first.operations().current().metadataFileLocation());
        DataFile seconds = append(second, 2);
        second.updateLocation().setLocation(warehouse() + "/db/elsewhere").commit();
        forget(first, common);
        Map<TableRef, OtherTables.KnownTable> loaded = new LinkedHashMap<>();
        for (String name : List.of("first", "second")) {
            BaseTable table = (BaseTable) catalog.loadTable(TableIdentifier.of("db", name));
            loaded.put(ref(name), CatalogTables.known(ref(name), table, List.of()));
        }
        known.loaded(loaded);

        ActionResult expired = expire("first", known);
        ActionResult swept = sweep("first", tables());

        isWhole("first", "second");
        assertThat(expired.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(expired.files().left())
                .anyMatch(file -> file.startsWith(common.location()) && file.contains("table lake.db.second needs it"));
        assertThat(locate(seconds.location())).exists();
        assertThat(swept.toString()).contains("it is also a place of lake.db.second");
    }

    @Test
    void a_table_that_was_moved_keeps_its_files_where_another_is_made_and_swept() throws IOException {
        BaseTable moved = make("moved", Map.of());
        DataFile file = append(moved, 1);
        String before = moved.location();
        moved.updateLocation().setLocation(warehouse() + "/db/elsewhere").commit();
        BaseTable next = make("next", before, Map.of());
        append(next, 2);
        Path orphan = Sweeping.plant(locate(warehouse() + "/db/elsewhere/data/orphan.parquet"));
        Sweeping.age(locate(warehouse()));

        ActionResult swept = sweep("next", tables());
        sweep("moved", tables());

        isWhole("moved", "next");
        assertThat(locate(file.location())).as(swept.toString()).exists();
        assertThat(orphan).doesNotExist();
    }

    @Test
    void a_table_that_was_moved_keeps_what_another_in_its_old_place_had_added_of_it() throws IOException {
        BaseTable moved = make("moved", Map.of());
        DataFile file = append(moved, 1);
        String before = moved.location();
        moved.updateLocation().setLocation(warehouse() + "/db/elsewhere").commit();
        BaseTable next = make("next", before, Map.of());
        next.newAppend().appendFile(file).commit();
        DataFile own = append(next, 2);
        forget(next, file, own);
        known.loaded(Map.of(ref("moved"), CatalogTables.known(ref("moved"), moved, List.of())));

        ActionResult expired = expire("next", known);

        isWhole("moved", "next");
        assertThat(expired.files().left()).singleElement().asString().contains("table lake.db.moved needs it");
        assertThat(locate(own.location())).doesNotExist();
    }

    @Test
    void a_sweep_leaves_what_a_table_names_in_a_place_that_it_has_no_more() throws IOException {
        String data = warehouse() + "/data-of-all";
        BaseTable first = make("first", Map.of("write.data.path", data));
        DataFile file = append(first, 1);
        first.updateProperties().remove("write.data.path").commit();
        BaseTable next = make("next", Map.of("write.data.path", data));
        append(next, 2);
        Path orphan = Sweeping.plant(locate(data + "/orphan.parquet"));
        Sweeping.age(locate(warehouse()));

        ActionResult swept = sweep("next", tables());

        isWhole("first", "next");
        assertThat(swept.files().left())
                .singleElement()
                .asString()
                .isEqualTo(file.location() + " (not deleted: table lake.db.first needs it)");
        assertThat(orphan).as(swept.toString()).doesNotExist();
    }

    @Test
    void nothing_is_swept_while_the_needs_of_a_table_cannot_be_read() throws IOException {
        BaseTable other = make("other", Map.of());
        append(other, 1);
        BaseTable table = make("t", Map.of());
        append(table, 2);
        Path orphan = Sweeping.plant(locate(table.location() + "/data/orphan.parquet"));
        Sweeping.age(locate(warehouse()));
        Files.delete(locate(other.currentSnapshot().manifestListLocation()));

        ActionResult swept = sweep("t", tables());

        assertThat(orphan).exists();
        assertThat(swept.reason()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(swept.detail())
                .contains("nothing is swept while nobody knows what is needed by table lake.db.other");
    }

    @Test
    void a_table_in_no_namespace_is_known() throws IOException {
        String data = warehouse() + "/shared";
        BaseTable rootless = (BaseTable) catalog.buildTable(TableIdentifier.of("alone"), PathTable.SCHEMA)
                .withLocation(warehouse() + "/alone")
                .withProperty("write.data.path", data)
                .create();
        DataFile needed = append(rootless, 1);
        BaseTable table = make("t", Map.of("write.data.path", data));
        table.newAppend().appendFile(needed).commit();
        forget(table, needed);

        ActionResult expired = expire("t", known);

        assertThat(locate(needed.location())).as(expired.toString()).exists();
        assertThat(expired.files().left()).singleElement().asString().contains("table lake.alone needs it");
    }

    @Test
    void tables_whose_levels_join_to_one_name_are_two() throws IOException {
        String data = warehouse() + "/shared";
        catalog.createNamespace(Namespace.of("db", "a"));
        BaseTable dotted = make("a.b", warehouse() + "/one", Map.of("write.data.path", data));
        DataFile needed = append(dotted, 1);
        BaseTable nested = (BaseTable) catalog.buildTable(TableIdentifier.of("db", "a", "b"), PathTable.SCHEMA)
                .withLocation(warehouse() + "/two")
                .withProperty("write.data.path", data)
                .create();
        nested.newAppend().appendFile(needed).commit();
        forget(nested, needed);

        ActionResult expired = Expiry.keeping(1).of("lake.db.a.b", known).execute(nested.operations());

        assertThat(locate(needed.location())).as(expired.toString()).exists();
        assertThat(expired.files().left()).singleElement().asString().contains("table lake.db.`a.b` needs it");
    }

    @Test
    void a_place_given_to_several_tables_is_shared_inside_the_location_of_one_of_them_too() throws IOException {
        String landing = warehouse() + "/landing";
        BaseTable lander = make("lander", landing + "/lander", Map.of());
        DataFile needed = append(lander, 1);
        BaseTable other = make("other", Map.of());
        other.newAppend().appendFile(needed).commit();
        DataFile own = append(lander, 2);
        forget(lander, needed, own);
        ActionResult expired;
        try (CatalogTables all = new CatalogTables(List.of(opening()), ref -> List.of(landing))) {
            all.loaded(Map.of(ref("other"), CatalogTables.known(ref("other"), other, List.of(landing))));
            expired = Expiry.keeping(1)
                    .of("lake.db.lander", all)
                    .withExclusive(landing)
                    .execute(ops("lander"));
        }

        isWhole("lander", "other");
        assertThat(expired.files().left()).singleElement().asString().contains("table lake.db.other needs it");
        assertThat(locate(own.location())).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"20261128", "0110", "n"})
    void a_table_inside_the_location_is_noticed_whatever_its_directory_is_called_and_spelled(String directory)
            throws IOException {
        BaseTable outer = make("outer", Map.of());
        BaseTable inner = make("inner", outer.location() + "/" + directory, Map.of());
        DataFile file = append(inner, 1);
        DataFile needed = DataFiles.builder(inner.spec())
                .copy(file)
                .withPath(respelled(file.location()))
                .build();
        outer.newAppend().appendFile(needed).commit();
        forget(outer, needed);

        ActionResult expired = expire("outer", known);

        isWhole("outer", "inner");
        assertThat(expired.files().left()).singleElement().asString().contains("lake.db.inner needs it");
    }

    @Test
    void a_table_inside_the_location_is_noticed_beside_metadata_that_the_outer_one_left_there() throws IOException {
        BaseTable outer = make("outer", warehouse() + "/db/outer/n", Map.of());
        for (int commit = 0; commit < 6; commit++) {
            append(outer, commit);
        }
        outer.updateLocation().setLocation(warehouse() + "/db/outer").commit();
        BaseTable inner = make("inner", warehouse() + "/db/outer/n", Map.of());
        DataFile needed = append(inner, 1);
        outer.newAppend().appendFile(needed).commit();
        forget(outer, needed);

        ActionResult expired = expire("outer", known);

        isWhole("outer", "inner");
        assertThat(expired.files().left()).anyMatch(left -> left.contains("lake.db.inner needs it"));
    }

    @Test
    void a_place_inside_or_around_another_tables_is_not_swept() throws IOException {
        BaseTable owner = make("owner", Map.of());
        append(owner, 1);
        BaseTable inside = make("inside", Map.of("write.data.path", owner.location() + "/data"));
        BaseTable around = make("around", Map.of("write.data.path", warehouse() + "/db"));
        append(inside, 2);
        append(around, 3);
        Sweeping.age(locate(warehouse()));
        Path orphan = Sweeping.plant(locate(inside.location() + "/metadata/x.avro"));

        ActionResult swept = sweep("inside", known);
        ActionResult other = sweep("around", known);

        isWhole("owner", "inside", "around");
        assertThat(orphan).as(swept.toString()).exists();
        assertThat(swept.detail()).contains("a place of lake.db.around");
        assertThat(other.files().deleted()).noneMatch(file -> file.contains("owner") || file.contains("inside"));
    }

    @Test
    void what_a_journal_names_stays_though_the_journal_lies_in_a_place_that_is_not_swept() throws IOException {
        BaseTable inside = inAnother();
        StagedFiles staged = new StagedFiles(inside.operations(), "01DEAD", Owner.current(), InstantSource.system());
        staged.announce(warehouse() + "/elsewhere/staged.parquet");
        Path file = Sweeping.plant(locate(warehouse() + "/elsewhere/staged.parquet"));
        Path orphan = Sweeping.plant(locate(warehouse() + "/elsewhere/orphan.parquet"));
        Sweeping.age(locate(warehouse()));

        ActionResult swept = sweep("inside", known);

        assertThat(file).as(swept.toString()).exists();
        assertThat(orphan).as(swept.toString()).doesNotExist();
        isWhole("owner", "inside");
    }

    @Test
    void newer_metadata_is_noticed_though_it_lies_in_a_place_that_is_not_swept() throws IOException {
        BaseTable inside = inAnother();
        String then = inside.operations().current().metadataFileLocation();
        DataFile newer = append(inside, 3);
        String now = inside.operations().current().metadataFileLocation();
        catalog.dropTable(TableIdentifier.of("db", "inside"), false);
        catalog.registerTable(TableIdentifier.of("db", "inside"), then);
        Sweeping.age(locate(warehouse()));

        ActionResult swept = sweep("inside", known);

        assertThat(locate(newer.location())).as(swept.toString()).exists();
        assertThat(swept.reason()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(swept.detail()).contains(now, "newer than the table as its catalog shows it");
    }

    /** A table in another one's location, whose data lie elsewhere. */
    private BaseTable inAnother() throws IOException {
        BaseTable owner = make("owner", Map.of());
        append(owner, 1);
        BaseTable inside =
                make("inside", owner.location() + "/in", Map.of("write.data.path", warehouse() + "/elsewhere"));
        append(inside, 2);
        return inside;
    }

    @Test
    void a_place_inside_another_tables_is_not_swept_and_its_own_location_is() throws IOException {
        BaseTable owner = make("owner", Map.of());
        append(owner, 1);
        BaseTable guest = make("guest", Map.of("write.data.path", owner.location() + "/data"));
        append(guest, 2);
        Sweeping.age(locate(warehouse()));
        Path orphan = Sweeping.plant(locate(guest.location() + "/data/x.parquet"));

        ActionResult result = sweep("guest", known);

        isWhole("owner", "guest");
        assertThat(orphan).as(result.toString()).doesNotExist();
        assertThat(result.detail()).contains("it lies in", "a place of lake.db.owner");
    }

    @Test
    void data_of_another_table_inside_a_place_stays_though_no_metadata_lies_beside_it() throws IOException {
        BaseTable around = make("around", Map.of("write.data.path", warehouse() + "/pool"));
        append(around, 1);
        BaseTable inside = make("inside", Map.of("write.data.path", warehouse() + "/pool/inside"));
        append(inside, 2);
        Sweeping.age(locate(warehouse()));
        Path orphan = Sweeping.plant(locate(warehouse() + "/pool/x.parquet"));

        ActionResult result = sweep("around", known);

        isWhole("around", "inside");
        assertThat(orphan).as(result.toString()).doesNotExist();
    }

    @Test
    void nothing_is_swept_while_a_catalog_is_unknown() throws IOException {
        BaseTable table = make("t", Map.of());
        append(table, 1);
        Sweeping.age(locate(warehouse()));
        Path orphan = Sweeping.plant(locate(table.location() + "/data/x.parquet"));

        ActionResult result = sweep("t", UnreadTables.catalog("dark"));

        assertThat(orphan).exists();
        assertThat(result.reason()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(result.detail()).contains("catalog dark");
    }
}
