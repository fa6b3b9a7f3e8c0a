package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.settle.SettleAction;
import io.sink.table.FileKind;
import io.sink.table.TableFile;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.Faults;
import io.sink.testing.FaultyOperations;
import io.sink.testing.KnownUuids;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.StruckOperations;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table that was dropped and created anew where it was, with what killed runs had left of the first one. */
class CreatedAnewTest {
    private static final TableIdentifier TABLE = TableIdentifier.of("db", "t");
    private static final TableIdentifier OTHER = TableIdentifier.of("db", "other");
    private static final Owner ELSEWHERE = new Owner("another-host", 1, 1);

    @TempDir
    Path warehouse;

    private JdbcCatalog catalog;

    @BeforeEach
    void open() {
        catalog = SqliteCatalog.make("lake", warehouse);
        catalog.createNamespace(Namespace.of("db"));
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_a_dead_run_staged_of_the_first_table_goes(boolean purged) throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        append(TABLE, 1);
        Path staged = stage(TABLE, ops(TABLE).locationProvider().newDataLocation("left.parquet"));
        catalog.dropTable(TABLE, purged);
        create(TABLE, Map.of());
        append(TABLE, 2);
        TreeSet<Path> before = SavedTree.files(warehouse.resolve("db/t"));

        assertThat(settleAfterHours(1).reason()).isEqualTo(Reason.NOTHING_TO_SETTLE);
        assertThat(SavedTree.files(warehouse.resolve("db/t"))).isEqualTo(before);
        ActionResult previewed = Compacting.settling().at(hours(25)).preview(ops(TABLE));
        ActionResult result = settleAfterHours(25);

        before.remove(staged);
        before.removeIf(CreatedAnewTest::isEntry);
        assertThat(SavedTree.files(warehouse.resolve("db/t"))).isEqualTo(before);
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.SETTLED);
        assertThat(result.detail()).contains("dead", "an earlier table (UUID " + first + ") at this place");
        assertThat(previewed.detail()).isEqualTo(result.detail());
        assertThat(previewed.files().deleted()).isEqualTo(result.files().deleted());
    }

    @Test
    void a_table_without_a_catalog_settles_what_was_before_it_too() throws IOException {
        PathTable table = PathTable.create(warehouse, "p", 2, Map.of());
        table.append(1);
        TableOperations ops = table.load().operations();
        Path staged = Path.of(ops.locationProvider().newDataLocation("left.parquet"));
        new StagedFiles(ops, "dead", ELSEWHERE, InstantSource.system()).announce(staged.toString());
        Files.writeString(staged, "staged");
        Path v2 = table.location().resolve("metadata/v2.metadata.json");
        Files.move(v2, table.location().resolve("metadata/00001-before.metadata.json.bak"));
        PathTable.create(warehouse, "p", 2, Map.of());

        ActionResult result =
                Compacting.settling().at(hours(25)).execute(table.load().operations());

        assertThat(staged).as(result.toString()).doesNotExist();
        assertThat(SavedTree.files(table.location())).noneMatch(CreatedAnewTest::isEntry);
        assertThat(result.reason()).isEqualTo(Reason.SETTLED);
    }

    @Test
    void what_a_known_table_staged_is_its_own() throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        Path staged = stage(TABLE, ops(TABLE).locationProvider().newDataLocation("left.parquet"));
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());
        TreeSet<Path> before = SavedTree.files(warehouse.resolve("db/t"));

        ActionResult result = Compacting.with(new SettleAction(new KnownUuids(first::equals, OtherTables.NONE)))
                .at(hours(30))
                .execute(ops(TABLE));

        assertThat(SavedTree.files(warehouse.resolve("db/t"))).isEqualTo(before).contains(staged);
        assertThat(result.reason()).isEqualTo(Reason.NOTHING_TO_SETTLE);
    }

    /** Its commit was sent to a server that nobody knows: the request may outlive the process. */
    @Test
    void a_dead_process_of_the_first_table_that_had_sent_its_commit_is_waited_for() throws IOException {
        create(TABLE, Map.of());
        TableOperations ops = ops(TABLE);
        Path staged = Path.of(ops.locationProvider().newDataLocation("left.parquet"));
        Owner dead = new Owner(
                Owner.current().place(), Owner.current().pid(), Owner.current().startedAt() - 1);
        StagedFiles sending = new StagedFiles(ops, "dead", dead, InstantSource.system());
        sending.announce(staged.toString());
        Files.createDirectories(staged.getParent());
        Files.writeString(staged, "staged");
        sending.commitIsNext();
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());

        assertThat(settleAfterHours(1).reason()).isEqualTo(Reason.NOTHING_TO_SETTLE);
        assertThat(staged).exists();
        assertThat(settleAfterHours(25).reason()).isEqualTo(Reason.SETTLED);
        assertThat(staged).doesNotExist();
    }

    /** Not in any catalog that is known, so that only its files tell that it lives. */
    @Test
    void a_living_table_that_shares_the_folder_of_metadata_keeps_what_it_staged() throws IOException {
        Map<String, String> shared =
                Map.of("write.metadata.path", warehouse.resolve("metadata").toString());
        create(TABLE, shared);
        create(OTHER, shared);
        append(TABLE, 1);
        append(OTHER, 2);
        Path staged = stage(OTHER, ops(OTHER).locationProvider().newDataLocation("at-work.parquet"));
        Set<Path> entries = SavedTree.files(warehouse.resolve("metadata"));

        ActionResult result = settleAfterHours(30);

        assertThat(staged).as(result.toString()).exists();
        assertThat(SavedTree.files(warehouse.resolve("metadata"))).isEqualTo(entries);
        assertThat(result.reason()).isEqualTo(Reason.NOTHING_TO_SETTLE);
    }

    @Test
    void a_place_that_only_a_property_names_is_not_this_tables_own() throws IOException {
        Map<String, String> elsewhere =
                Map.of("write.data.path", warehouse.resolve("landing").toString());
        create(TABLE, elsewhere);
        Path staged = stage(TABLE, warehouse.resolve("landing/left.parquet").toString());
        catalog.dropTable(TABLE, false);
        create(TABLE, elsewhere);

        ActionResult result = settleAfterHours(30);

        assertThat(staged).as(result.toString()).exists();
    }

    @Test
    void a_first_table_that_is_registered_again_keeps_what_it_committed() throws IOException {
        create(TABLE, Map.of());
        append(TABLE, 1);
        append(TABLE, 2);
        // its files are committed, and its entries could not be removed
        ActionResult compacted = Compacting.small()
                .execute(
                        new FaultyOperations(ops(TABLE), Faults.none(), failing(call -> call.contains("sink-staged"))));
        assertThat(compacted.reason()).isEqualTo(Reason.COMPACTED);
        String metadata = ops(TABLE).current().metadataFileLocation();
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());
        catalog.registerTable(OTHER, metadata);
        Set<Path> needed = reader(OTHER).reachable();
        List<String> rows = reader(OTHER).rows();

        ActionResult result = settleAfterHours(30);

        assertThat(needed).as(result.toString()).allMatch(Files::exists);
        assertThat(reader(OTHER).rows()).isEqualTo(rows);
    }

    @Test
    void an_unreadable_metadata_file_of_whoever_keeps_everything_where_it_is() throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        append(TABLE, 1);
        stage(TABLE, ops(TABLE).locationProvider().newDataLocation("left.parquet"));
        Path metadata = Path.of(ops(TABLE).current().metadataFileLocation());
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());
        Files.writeString(metadata, Files.readString(metadata).substring(0, 10));
        TreeSet<Path> before = SavedTree.files(warehouse.resolve("db/t"));

        ActionResult result = settleAfterHours(30);

        assertThat(SavedTree.files(warehouse.resolve("db/t"))).isEqualTo(before);
        assertThat(result.reason()).isEqualTo(Reason.NOTHING_TO_SETTLE);
        assertThat(result.detail()).contains(first, "stays", String.valueOf(metadata.getFileName()));
    }

    @Test
    void a_manifest_of_the_first_table_that_is_missing_keeps_everything_where_it_is() throws IOException {
        create(TABLE, Map.of());
        append(TABLE, 1);
        Path staged = stage(TABLE, ops(TABLE).locationProvider().newDataLocation("left.parquet"));
        BaseTable first = (BaseTable) catalog.loadTable(TABLE);
        Files.delete(
                Path.of(first.currentSnapshot().allManifests(first.io()).get(0).path()));
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());

        ActionResult result = settleAfterHours(30);

        assertThat(staged).as(result.toString()).exists();
        assertThat(result.detail()).contains("stays");
    }

    @Test
    void what_an_expiry_of_the_first_table_promised_goes_where_its_metadata_is_gone() throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        Set<Path> promised = leaveAnExpiryUnfinished();
        dropWithMetadata();
        assertThat(promised).isNotEmpty().allMatch(Files::exists);
        create(TABLE, Map.of());
        append(TABLE, 3);
        Set<Path> live = reader(TABLE).reachable();

        Expiry.keeping(1).at(Instant.now()).execute(ops(TABLE));
        assertThat(promised).allMatch(Files::exists);
        Instant later = hours(2);
        ActionResult previewed = Expiry.keeping(1).withMaxPercent(1).at(later).preview(ops(TABLE));
        ActionResult result = Expiry.keeping(1).withMaxPercent(1).at(later).execute(ops(TABLE));

        assertThat(promised).as(result.toString()).noneMatch(Files::exists);
        assertThat(journals()).isEmpty();
        assertThat(live).allMatch(Files::exists);
        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result.detail()).contains("an earlier table (UUID " + first + ") at this place left");
        assertThat(previewed.detail()).isEqualTo(result.detail());
        assertThat(previewed.files().deleted()).isEqualTo(result.files().deleted());
    }

    /**
     * Times do not tell which of two metadata files is newer: hosts' clocks differ, and an expiry takes no sequence
     * number. The log of the newer one names the other.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, 60_000})
    void the_newest_metadata_of_the_first_table_is_found_whatever_the_clocks_said(long behind) throws IOException {
        create(TABLE, Map.of());
        append(TABLE, 1);
        replace(TABLE, 2);
        TableMetadata before = ops(TABLE).current();
        assertThat(Expiry.keeping(1).execute(ops(TABLE)).reason()).isEqualTo(Reason.EXPIRED);
        Path newest = SecondReader.local(ops(TABLE).current().metadataFileLocation());
        Path staged = stage(TABLE, ops(TABLE).locationProvider().newDataLocation("left.parquet"));
        catalog.dropTable(TABLE, false);
        String late = Files.readString(newest)
                .replaceFirst(
                        "\"last-updated-ms\" ?: ?[0-9]+",
                        "\"last-updated-ms\": " + (before.lastUpdatedMillis() - behind));
        // Under a name that is listed before the others, so that no order is right by chance.
        Files.writeString(newest.resolveSibling("0-" + newest.getFileName()), late);
        Files.delete(newest);
        create(TABLE, Map.of());

        ActionResult result = settleAfterHours(25);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.SETTLED);
        assertThat(staged).doesNotExist();
    }

    @Test
    void what_this_table_took_over_of_the_first_ones_promises_stays() throws IOException {
        create(TABLE, Map.of());
        Set<Path> promised = leaveAnExpiryUnfinished();
        Path data = promised.stream()
                .filter(file -> file.toString().endsWith(".parquet"))
                .findFirst()
                .orElseThrow();
        dropWithMetadata();
        create(TABLE, Map.of()).newAppend().appendFile(pointingAt(data)).commit();

        ActionResult result = Expiry.keeping(1).at(hours(2)).execute(ops(TABLE));

        assertThat(data).as(result.toString()).exists();
        assertThat(promised).filteredOn(file -> !file.equals(data)).noneMatch(Files::exists);
    }

    @Test
    void a_first_table_whose_metadata_is_left_keeps_its_journal_and_finishes_it_itself() throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        Set<Path> promised = leaveAnExpiryUnfinished();
        String metadata = ops(TABLE).current().metadataFileLocation();
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());
        append(TABLE, 3);
        List<Path> journals = journals();

        ActionResult result = Expiry.keeping(1).at(hours(30)).execute(ops(TABLE));

        assertThat(promised).as(result.toString()).allMatch(Files::exists);
        assertThat(journals()).isEqualTo(journals).hasSize(1);
        assertThat(result.detail()).contains(first, "stays");
        catalog.registerTable(OTHER, metadata);
        Set<Path> needed = reader(OTHER).reachable();
        assertThat(Expiry.keeping(1).at(hours(30)).execute(ops(OTHER)).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(promised).noneMatch(Files::exists);
        assertThat(needed).allMatch(Files::exists);
        assertThat(journals()).isEmpty();
    }

    @Test
    void a_journal_of_a_known_table_or_about_other_places_is_left_alone() throws IOException {
        create(TABLE, Map.of());
        Set<Path> promised = leaveAnExpiryUnfinished();
        Path journal = journals().get(0);
        dropWithMetadata();
        create(TABLE, Map.of());
        append(TABLE, 3);
        Path strangers =
                Files.createDirectories(warehouse.resolve("db/stranger")).resolve("x.parquet");
        Files.writeString(strangers, "x");

        Expiry.keeping(1).at(hours(30)).execute(ops(TABLE), any -> true);
        assertThat(promised).allMatch(Files::exists);
        Path one = promised.iterator().next();
        Files.writeString(journal, Files.readString(journal).replace(one.toString(), strangers.toString()));
        ActionResult result = Expiry.keeping(1).at(hours(30)).execute(ops(TABLE));

        assertThat(strangers).as(result.toString()).exists();
        assertThat(promised).allMatch(Files::exists);
        assertThat(journals()).containsExactly(journal);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_left_metadata_names_by_itself_is_needed(boolean onlyAnOlderVersion) throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        append(TABLE, 1);
        BaseTable before = (BaseTable) catalog.loadTable(TABLE);
        Path statistics = Files.writeString(warehouse.resolve("db/t/metadata/stats.puffin"), "statistics");
        long snapshot = before.currentSnapshot().snapshotId();
        before.updateStatistics()
                .setStatistics(new GenericStatisticsFile(snapshot, statistics.toString(), 10, 1, List.of()))
                .commit();
        if (onlyAnOlderVersion) {
            before.updateStatistics().removeStatistics(snapshot).commit();
        }
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());

        assertThat(new EarlierTables(ops(TABLE), any -> false)
                        .needed(first, List.of(new TableFile(statistics.toString(), FileKind.STATISTICS))))
                .containsExactly(statistics.toString());
    }

    @Test
    void what_only_an_older_version_of_left_metadata_reaches_is_needed() throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        append(TABLE, 1);
        Path data = onlyDataFile();
        replace(TABLE, 2);
        BaseTable table = (BaseTable) catalog.loadTable(TABLE);
        // takes the snapshot out, and none of its files
        table.expireSnapshots()
                .cleanExpiredFiles(false)
                .expireOlderThan(Long.MAX_VALUE)
                .retainLast(1)
                .commit();
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());

        Set<String> needed = new EarlierTables(ops(TABLE), any -> false)
                .needed(first, List.of(new TableFile(data.toString(), FileKind.DATA)));

        assertThat(needed).containsExactly(data.toString());
    }

    /** As where a rule of the store forbids it: a file is listed, and said not to be there. */
    @ParameterizedTest
    @ValueSource(strings = {"metadata", "list", "manifest"})
    void what_is_listed_and_denied_may_name_anything(String denied) throws IOException {
        String first = uuid(create(TABLE, Map.of()));
        append(TABLE, 1);
        Path data = onlyDataFile();
        BaseTable table = (BaseTable) catalog.loadTable(TABLE);
        Snapshot old = table.currentSnapshot();
        String manifest = old.allManifests(table.io()).get(0).path();
        replace(TABLE, 2);
        table.refresh();
        table.expireSnapshots()
                .cleanExpiredFiles(false)
                .expireOlderThan(Long.MAX_VALUE)
                .retainLast(1)
                .commit();
        String newest = ops(TABLE).current().metadataFileLocation();
        catalog.dropTable(TABLE, false);
        create(TABLE, Map.of());
        String location =
                denied.equals("metadata") ? newest : denied.equals("list") ? old.manifestListLocation() : manifest;
        Faults denying = Faults.none()
                .failing(call -> call.equals("open of " + location), message -> new NotFoundException("%s", message));
        EarlierTables tables =
                new EarlierTables(new FaultyOperations(ops(TABLE), Faults.none(), denying), any -> false);

        assertThatThrownBy(() -> tables.needed(first, List.of(new TableFile(data.toString(), FileKind.DATA))))
                .hasMessageContaining(location + " is listed and cannot be read");
    }

    @Test
    void metadata_without_a_uuid_could_be_of_any_earlier_table() throws IOException {
        String first = uuid(create(TABLE, Map.of("format-version", "1")));
        append(TABLE, 1);
        Path data = onlyDataFile();
        Path metadata = Path.of(ops(TABLE).current().metadataFileLocation());
        catalog.dropTable(TABLE, false);
        for (Path file : SavedTree.files(warehouse.resolve("db/t/metadata"))) {
            if (file.toString().endsWith(".metadata.json") && !file.equals(metadata)) {
                Files.delete(file);
            }
        }
        String json = Files.readString(metadata);
        Files.writeString(metadata, json.replaceFirst("\"table-uuid\" ?: ?\"[^\"]*\" ?,", ""));
        create(TABLE, Map.of());

        Set<String> needed = new EarlierTables(ops(TABLE), any -> false)
                .needed(first, List.of(new TableFile(data.toString(), FileKind.DATA)));

        assertThat(needed).containsExactly(data.toString());
    }

    @Test
    void the_table_itself_is_never_an_earlier_one() {
        String own = uuid(create(TABLE, Map.of()));
        EarlierTables tables = new EarlierTables(ops(TABLE), any -> false);

        assertThat(tables.isGone(own)).isFalse();
        assertThat(tables.isGone("no-uuid")).isFalse();
        assertThat(tables.isGone("9c12d441-03fe-4693-9a96-a0705ddf69c1")).isTrue();
    }

    private Path onlyDataFile() {
        return reader(TABLE).reachable().stream()
                .filter(file -> file.toString().endsWith(".parquet"))
                .findFirst()
                .orElseThrow();
    }

    /** Snapshots are gone, and not one of the files that only they named could be deleted. */
    private Set<Path> leaveAnExpiryUnfinished() throws IOException {
        append(TABLE, 1);
        Set<Path> before = reader(TABLE).reachable();
        replace(TABLE, 2);
        Faults noDeletes = failing(call -> !call.contains("sink-staged"));
        ActionResult left = Expiry.keeping(1).execute(new FaultyOperations(ops(TABLE), Faults.none(), noDeletes));
        assertThat(left.reason()).as(left.toString()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        Set<Path> promised = new TreeSet<>(before);
        promised.removeAll(reader(TABLE).reachable());
        promised.removeIf(file -> file.toString().endsWith(".metadata.json"));
        return promised;
    }

    /** As a purge that leaves what no metadata names. */
    private void dropWithMetadata() throws IOException {
        Set<Path> reachable = reader(TABLE).reachable();
        catalog.dropTable(TABLE, false);
        for (Path file : SavedTree.files(warehouse.resolve("db/t"))) {
            if (reachable.contains(file) || file.toString().endsWith(".metadata.json")) {
                Files.delete(file);
            }
        }
    }

    private static Faults failing(Predicate<String> which) {
        return Faults.none()
                .failing(
                        call -> (call.startsWith("delete") || call.equals("bulk delete")) && which.test(call),
                        message -> new RuntimeIOException("%s", message));
    }

    private List<Path> journals() {
        return SavedTree.files(warehouse).stream()
                .filter(file -> String.valueOf(file.getFileName()).startsWith("sink-journal-"))
                .toList();
    }

    private static boolean isEntry(Path file) {
        return String.valueOf(file.getFileName()).startsWith("sink-staged-");
    }

    private Path stage(TableIdentifier name, String location) throws IOException {
        new StagedFiles(ops(name), "dead", ELSEWHERE, InstantSource.system()).announce(location);
        Path staged = Path.of(location);
        Files.createDirectories(staged.getParent());
        return Files.writeString(staged, "staged");
    }

    private ActionResult settleAfterHours(int hours) {
        return Compacting.settling().at(hours(hours)).execute(ops(TABLE));
    }

    private static Instant hours(int hours) {
        return Instant.now().plus(Duration.ofHours(hours));
    }

    private BaseTable create(TableIdentifier name, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(Map.of("format-version", "2"));
        all.putAll(properties);
        return (BaseTable) catalog.createTable(name, PathTable.SCHEMA, PartitionSpec.unpartitioned(), all);
    }

    private static String uuid(BaseTable table) {
        return table.operations().current().uuid();
    }

    private TableOperations ops(TableIdentifier name) {
        return ((BaseTable) catalog.loadTable(name)).operations();
    }

    private SecondReader reader(TableIdentifier name) {
        return SecondReader.of(SecondReader.local(ops(name).current().metadataFileLocation()), SecondReader::local);
    }

    private void append(TableIdentifier name, long id) throws IOException {
        new TableChanges((BaseTable) catalog.loadTable(name)).append(List.of(row(id)));
    }

    private void replace(TableIdentifier name, long id) throws IOException {
        BaseTable table = (BaseTable) catalog.loadTable(name);
        DataFile file = new TableChanges(table).write(List.of(row(id)), PathTable.SCHEMA, table.spec(), null);
        table.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(file)
                .commit();
    }

    private static DataFile pointingAt(Path file) throws IOException {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(file.toString())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(Files.size(file))
                .withRecordCount(1)
                .build();
    }

    private static Record row(long id) {
        Record row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", id);
        row.setField("name", "name of " + id);
        return row;
    }

    @Test
    void a_first_table_that_comes_back_between_plan_and_deletion_keeps_what_it_promised() throws IOException {
        create(TABLE, Map.of());
        append(TABLE, 1);
        SavedTree first = SavedTree.of(warehouse.resolve("db/t"));
        Set<Path> promised = leaveAnExpiryUnfinished();
        dropWithMetadata();
        create(TABLE, Map.of());
        append(TABLE, 3);
        TableOperations raced = new StruckOperations(ops(TABLE), 1, first::restoreBeside);

        ActionResult result = Expiry.keeping(1).at(hours(2)).execute(raced);

        assertThat(promised).as(result.toString()).allMatch(Files::exists);
        assertThat(result.reason()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(result.detail()).contains("came to need");
    }
}
