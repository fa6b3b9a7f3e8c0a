package io.sink.run;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Setting;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.compact.CompactPolicy;
import io.sink.config.TablePolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpireAction;
import io.sink.expire.ExpirePolicy;
import io.sink.expire.OlderThan;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.Shard;
import io.sink.outcome.TableReport;
import io.sink.rewrite.ProofLevel;
import io.sink.storage.OtherTables;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One table under two entries of the catalogs. */
class DuplicateEntriesTest {
    private static final TableIdentifier ID = TableIdentifier.of("db", "t");

    @TempDir
    Path folder;

    private JdbcCatalog lake;
    private JdbcCatalog copy;
    private BaseTable table;
    private final Map<String, ActionResult> results = new TreeMap<>();

    @BeforeEach
    void make_a_table_with_something_to_expire() throws IOException {
        lake = SqliteCatalog.make("lake", Files.createDirectory(folder.resolve("lake")));
        copy = SqliteCatalog.make("copy", Files.createDirectory(folder.resolve("copy")));
        lake.createNamespace(Namespace.of("db"));
        copy.createNamespace(Namespace.of("db"));
        table = (BaseTable) lake.createTable(ID, PathTable.SCHEMA, PartitionSpec.unpartitioned());
        append(table, 1);
    }

    @AfterEach
    void close() {
        lake.close();
        copy.close();
    }

    private static DataFile append(BaseTable table, long id) throws IOException {
        Record row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", id);
        table.newDelete()
                .deleteFromRowFilter(org.apache.iceberg.expressions.Expressions.alwaysTrue())
                .commit();
        return new TableChanges(table).append(List.of(row)).get(0);
    }

    private static String metadata(BaseTable table) {
        return table.operations().refresh().metadataFileLocation();
    }

    private static void isWhole(String metadata) {
        assertThat(SecondReader.of(SecondReader.local(metadata), SecondReader::local)
                        .reachable())
                .allMatch(Files::exists);
    }

    private @Nullable Shard shard;
    private @Nullable Instant deadline;

    private RunSummary run(Predicate<TableRef> known) {
        return run(List.of(opening("copy"), opening("lake")), known);
    }

    private RunSummary run(List<CatalogOpening> openings, Predicate<TableRef> known) {
        results.clear();
        CatalogTables tables = new CatalogTables(openings, ref -> List.of());
        ExpirePolicy expire = new ExpirePolicy(
                set(new OlderThan.Age(Duration.ZERO)),
                set(1),
                null,
                null,
                ExpirePolicy.History.UNGUARDED,
                set(ExpirePolicy.Exclusive.NONE));
        RunRequest request = new RunRequest(
                new RunHeader("01RUN" + System.nanoTime(), "test", "maintain", false, Instant.now(), shard, null),
                "host",
                List.of(Step.of(new ExpireAction(tables, InstantSource.system()), TablePolicy::expire)),
                List.of(),
                catalog -> true,
                ref -> true,
                ref -> false,
                new RunRequest.Limits(deadline, Duration.ofMinutes(1), Duration.ofMinutes(15)),
                null,
                Set.of(),
                false,
                1,
                RunRequest.Sizes.UNASKED,
                Selectors.none());
        try (tables) {
            return new Runner(
                            openings,
                            ref -> policy(expire, known.test(ref)),
                            InstantSource.system(),
                            new Stop(),
                            tables,
                            UnfinishedTables.NONE)
                    .run(request, new RunListener() {
                        @Override
                        public void started(RunHeader header) {}

                        @Override
                        public void table(TableReport report) {
                            results.put(report.table(), report.actions().get(0).result());
                        }

                        @Override
                        public void ended(RunSummary summary) {}
                    });
        }
    }

    private CatalogOpening opening(String name) {
        Path directory = folder.resolve(name);
        return new CatalogOpening(
                name,
                () -> OpenCatalogs.open(name, "jdbc", new HashMap<>(SqliteCatalog.properties(directory)), directory));
    }

    private static TablePolicy policy(ExpirePolicy expire, boolean known) {
        return new TablePolicy(
                false,
                known,
                "test",
                Map.of(),
                expire,
                new CompactPolicy(
                        set(2),
                        set(1L << 30),
                        null,
                        set(2),
                        set(CompactPolicy.WhenAboveCap.SKIP),
                        set(ProofLevel.COUNTS),
                        set("main"),
                        set(CompactPolicy.OnUnreadable.FAIL),
                        set(1),
                        set(1),
                        CompactPolicy.Partitions.ALL),
                new DeletesPolicy(set(1), set("main")),
                new ManifestsPolicy(null, set("main")),
                new OrphanPolicy(set(Duration.ofDays(3)), set(50)));
    }

    private static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    @Test
    void at_an_older_metadata_file_neither_is_maintained_and_the_reason_names_the_other() throws IOException {
        String old = metadata(table);
        copy.registerTable(ID, old);
        append(table, 2);

        RunSummary summary = run(ref -> false);

        isWhole(old);
        isWhole(metadata(table));
        assertThat(summary.exitCode()).isZero();
        assertThat(results.values()).extracting(ActionResult::reason).containsOnly(Reason.DUPLICATE_ENTRY);
        assertThat(result("lake.db.t").detail()).contains("is also copy.db.t", old, "known-duplicate: true");
        assertThat(result("copy.db.t").detail()).contains("is also lake.db.t");
    }

    @Test
    void in_two_shards_neither_is_maintained_either() throws IOException {
        int count = 2;
        while (new Shard(1, count).has("lake.db.t") == new Shard(1, count).has("copy.db.t")) {
            count++;
        }
        String old = metadata(table);
        copy.registerTable(ID, old);
        append(table, 2);

        for (int number = 1; number <= count; number++) {
            shard = new Shard(number, count);
            run(ref -> false);

            assertThat(results.keySet()).allMatch(shard::has);
            assertThat(results.values()).extracting(ActionResult::reason).allMatch(Reason.DUPLICATE_ENTRY::equals);
        }
        isWhole(old);
        isWhole(metadata(table));
    }

    @Test
    void one_that_the_operator_knows_of_is_maintained_and_deletes_nothing_that_the_other_needs() throws IOException {
        String old = metadata(table);
        copy.registerTable(ID, old);
        append(table, 2);

        run(ref -> ref.catalog().equals("lake"));

        isWhole(old);
        isWhole(metadata(table));
        assertThat(result("copy.db.t").reason()).isEqualTo(Reason.DUPLICATE_ENTRY);
        assertThat(result("lake.db.t").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result("lake.db.t").files().left()).isNotEmpty().allMatch(file -> file.contains("copy.db.t"));
    }

    @Test
    void at_the_same_metadata_file_it_is_maintained_once() throws IOException {
        append(table, 2);
        copy.registerTable(ID, metadata(table));

        run(ref -> false);

        isWhole(metadata(table));
        assertThat(result("copy.db.t").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result("lake.db.t").reason()).isEqualTo(Reason.DUPLICATE_ENTRY);
        assertThat(result("lake.db.t").detail()).contains("the same entry as copy.db.t");
    }

    /** With a deadline the tables have their turns by what is to be gained, which each run measures for itself. */
    @Test
    void seen_through_two_catalogs_it_is_maintained_in_the_first_whoevers_turn_comes_first() throws IOException {
        append(table, 2);
        copy.registerTable(ID, metadata(table));
        deadline = Instant.now().plus(Duration.ofHours(1));

        run(List.of(opening("lake"), opening("copy")), ref -> false);

        assertThat(result("lake.db.t").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result("copy.db.t").reason()).isEqualTo(Reason.DUPLICATE_ENTRY);
    }

    @Test
    void another_catalog_at_the_same_metadata_file_keeps_what_it_still_shows() throws IOException {
        String old = metadata(table);
        append(table, 2);
        copy.registerTable(ID, metadata(table));

        run(ref -> false);

        isWhole(metadata(table));
        isWhole(metadata((BaseTable) copy.loadTable(ID)));
        assertThat(result("copy.db.t").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result("copy.db.t").files().left())
                .as(old)
                .isNotEmpty()
                .allMatch(file ->
                        file.contains("lake.db.t, the same table in another catalog, still shows the old state"));
    }

    @Test
    void a_commit_keeps_the_metadata_file_that_another_entry_is_at() throws IOException {
        table.updateProperties()
                .set("write.metadata.delete-after-commit.enabled", "true")
                .set("write.metadata.previous-versions-max", "1")
                .commit();
        append(table, 2);
        append(table, 3);
        String same = metadata(table);
        copy.registerTable(ID, same);

        run(ref -> false);
        run(ref -> false);

        assertThat(metadata((BaseTable) lake.loadTable(ID))).isEqualTo(same);
        assertThat(metadata((BaseTable) copy.loadTable(ID))).isNotEqualTo(same);
        assertThat(SecondReader.local(same)).exists();
        isWhole(same);
        assertThat(results.values())
                .allMatch(
                        result -> result.files().deleted().stream().noneMatch(file -> file.endsWith(".metadata.json")));
    }

    @Test
    void nor_does_the_expiry_of_one_that_the_operator_knows_of_take_it() throws IOException {
        table.updateProperties()
                .set("write.metadata.delete-after-commit.enabled", "true")
                .set("write.metadata.previous-versions-max", "2")
                .commit();
        append(table, 2);
        String old = metadata(table);
        copy.registerTable(ID, old);
        table.updateProperties().set("a", "b").commit();
        table.updateProperties().set("a", "c").commit();

        run(ref -> ref.catalog().equals("lake"));

        assertThat(result("lake.db.t").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(SecondReader.local(old)).exists();
        isWhole(old);
        isWhole(metadata((BaseTable) lake.loadTable(ID)));
    }

    @Test
    void a_second_endpoint_of_one_catalog_keeps_nothing() throws IOException {
        DataFile gone = append(table, 2);
        append(table, 3);
        List<CatalogOpening> openings = List.of(opening("lake"), endpoint());

        run(openings, ref -> false);

        assertThat(result("lake.db.t").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result("lake.db.t").files().left()).isEmpty();
        assertThat(result("endpoint.db.t").reason()).isEqualTo(Reason.DUPLICATE_ENTRY);
        assertThat(SecondReader.local(gone.location())).doesNotExist();
        isWhole(metadata(table));
    }

    private CatalogOpening endpoint() {
        Path directory = folder.resolve("lake");
        Map<String, String> properties = new HashMap<>(SqliteCatalog.properties(directory));
        // the database knows its tables by this name
        properties.put("catalog-name", "lake");
        return new CatalogOpening("endpoint", () -> OpenCatalogs.open("endpoint", "jdbc", properties, directory));
    }

    private ActionResult result(String table) {
        return Objects.requireNonNull(results.get(table), table);
    }

    /** A metadata file in places of its own, of a table with the UUID of this one. */
    private String copied(Path replica, String text) throws IOException {
        Path moved = Files.createDirectories(replica.resolve("metadata")).resolve("00009-copied.metadata.json");
        Files.writeString(moved, text);
        return moved.toString();
    }

    /** An entry at a copy of the metadata that differs by nothing but the location. */
    private String moved() throws IOException {
        Path elsewhere = folder.resolve("elsewhere");
        String text = Files.readString(SecondReader.local(metadata(table)));
        return copied(elsewhere, text.replace("\"location\":\"" + table.location(), "\"location\":\"" + elsewhere));
    }

    @Test
    void a_replica_in_places_of_its_own_is_maintained_for_itself() throws IOException {
        append(table, 2);
        BaseTable other = (BaseTable) copy.createTable(TableIdentifier.of("db", "u"), PathTable.SCHEMA, table.spec());
        append(other, 1);
        DataFile gone = append(other, 2);
        append(other, 3);
        Path metadata = SecondReader.local(metadata(other));
        copy.dropTable(TableIdentifier.of("db", "u"), false);
        String text = Files.readString(metadata);
        Files.writeString(
                metadata, text.replace(other.uuid().toString(), table.uuid().toString()));
        copy.registerTable(ID, metadata.toString());

        run(ref -> false);

        assertThat(results.values()).extracting(ActionResult::reason).containsOnly(Reason.EXPIRED);
        assertThat(SecondReader.local(gone.location())).doesNotExist();
        isWhole(metadata(table));
        isWhole(metadata((BaseTable) copy.loadTable(ID)));
        try (CatalogTables tables = new CatalogTables(List.of(opening("copy"), opening("lake")), ref -> List.of())) {
            assertThat(Overlaps.of(tables.survey(() -> {}))).isEmpty();
        }
    }

    @Test
    void an_entry_whose_location_was_changed_is_no_replica_while_it_names_files_in_the_first_ones_places()
            throws IOException {
        String moved = moved();
        copy.registerTable(ID, moved);
        append(table, 2);

        run(ref -> false);

        assertThat(results.values()).extracting(ActionResult::reason).containsOnly(Reason.DUPLICATE_ENTRY);
        isWhole(metadata(table));
        isWhole(moved);
    }

    @Test
    void nor_does_the_first_one_delete_what_it_needs_where_the_operator_knows_of_both() throws IOException {
        String moved = moved();
        copy.registerTable(ID, moved);
        append(table, 2);

        run(ref -> true);

        assertThat(result("lake.db.t").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result("lake.db.t").files().left()).isNotEmpty().allMatch(file -> file.contains("copy.db.t"));
        isWhole(metadata(table));
        isWhole(metadata((BaseTable) copy.loadTable(ID)));
    }

    @Test
    void an_entry_that_cannot_be_read_is_not_taken_for_a_replica() throws IOException {
        String moved = moved();
        copy.registerTable(ID, moved);
        String list = table.currentSnapshot().manifestListLocation();
        append(table, 2);
        Files.move(SecondReader.local(list), folder.resolve("kept"));

        run(ref -> false);

        assertThat(results.values()).extracting(ActionResult::reason).containsOnly(Reason.DUPLICATE_ENTRY);
    }

    @Test
    void a_table_that_is_listed_and_not_found_is_unknown() {
        TableSource lost = new TableSource() {
            @Override
            public String name() {
                return "lost";
            }

            @Override
            public Iterator<TableRef> list() {
                return List.of(new TableRef("lost", List.of("db"), "t")).iterator();
            }

            @Override
            public BaseTable load(TableRef ref) {
                throw new NoSuchTableException("404 of a proxy");
            }

            @Override
            public void close() {}
        };
        try (CatalogTables tables =
                new CatalogTables(List.of(new CatalogOpening("lost", () -> lost)), ref -> List.of())) {
            assertThat(tables.survey(() -> {}).unknown())
                    .singleElement()
                    .asString()
                    .contains("table lost.db.t");
        }
    }

    @Test
    void a_check_names_entries_that_are_one_table_and_places_that_nest() throws IOException {
        copy.registerTable(ID, metadata(table));
        append(table, 2);
        lake.buildTable(TableIdentifier.of("db", "inner"), PathTable.SCHEMA)
                .withLocation(table.location() + "/inner")
                .create();
        try (CatalogTables tables = new CatalogTables(
                List.of(opening("copy"), opening("lake"), new CatalogOpening("dark", () -> {
                    throw new IllegalStateException("no route");
                })),
                ref -> List.of())) {

            OtherTables.Survey survey = tables.survey(() -> {});
            List<String> found = Overlaps.of(survey);

            assertThat(found).hasSize(2);
            assertThat(found)
                    .anyMatch(line -> line.startsWith("copy.db.t and lake.db.t are one table")
                            && line.contains("different metadata files"));
            assertThat(found).anyMatch(line -> line.contains("/inner/ of lake.db.inner lies in a place of"));
            assertThat(survey.unknown())
                    .extracting(Object::toString)
                    .singleElement(as(InstanceOfAssertFactories.STRING))
                    .contains("catalog dark", "no route");
        }
    }
}
