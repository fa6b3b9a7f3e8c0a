package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.Catalogs;
import io.sink.catalog.RoutedFileIO;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.table.DelegatingOperations;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a table while a run is at work ends with the reason that says it. */
class TrueReasonsTest {
    private static final TableIdentifier T = TableIdentifier.of("db", "t");

    @TempDir
    Path directory;

    private static final TableRef REF = new TableRef("lake", List.of("db"), "t");

    private JdbcCatalog catalog;
    private TableSource source;

    @BeforeEach
    void make_a_table() {
        catalog = SqliteCatalog.make("lake", directory);
        catalog.createNamespace(Namespace.of("db"));
        source = Catalogs.open("lake", "jdbc", SqliteCatalog.properties(directory), directory, given -> {});
        make();
    }

    private void make() {
        catalog.createTable(
                T, PathTable.SCHEMA, PartitionSpec.unpartitioned(), Map.of("commit.retry.num-retries", "1"));
        append(1);
        append(2);
        append(3);
    }

    @AfterEach
    void close() {
        source.close();
        catalog.close();
    }

    @Test
    void a_table_that_was_dropped_during_a_run_is_no_table_unless_staged_files_are_left() {
        for (Acting acting : List.of(Acting.COMPACT, Acting.EXPIRE)) {
            for (When when : When.values()) {
                ActionResult result = during(acting, when, () -> catalog.dropTable(T, false));

                assertGone(result, when);
                assertThat(result.detail()).contains("dropped");
                make();
            }
        }
    }

    /** What was staged stays, since a table that was renamed may have it; and leftovers are no success. */
    private static void assertGone(ActionResult result, When when) {
        List<String> left = result.files().left();
        assertThat(left.isEmpty()).as(result.toString()).isEqualTo(when == When.LOADED);
        assertThat(result.reason())
                .as(result.toString())
                .isEqualTo(left.isEmpty() ? Reason.NO_TABLE : Reason.CLEANUP_INCOMPLETE);
        if (!left.isEmpty()) {
            assertThat(result.detail()).startsWith("no-table: ");
            assertThat(left).allMatch(file -> Files.exists(Path.of(file.replaceFirst(" \\(.*", ""))), "is there");
        }
    }

    @Test
    void a_table_that_was_dropped_is_no_table_where_its_client_took_away_what_it_wrote() {
        TableOperations ops = ops();

        ActionResult result =
                Expiry.keeping(1).execute(new Tidy(new Meanwhile(ops, () -> catalog.dropTable(T, true)), directory));

        assertThat(result.files().left()).isEmpty();
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.NO_TABLE);
    }

    @Test
    void a_table_that_was_renamed_during_a_run_keeps_every_row_under_its_new_name() {
        TableIdentifier renamed = TableIdentifier.of("db", "u");
        for (Acting acting : List.of(Acting.COMPACT, Acting.EXPIRE)) {
            ActionResult result = during(acting, When.COMMIT, () -> catalog.renameTable(T, renamed));

            assertGone(result, When.COMMIT);
            assertThat(result.detail()).contains("renamed");
            assertThat(reader(renamed).rows()).hasSize(3);
            catalog.dropTable(renamed, false);
            make();
        }
    }

    @Test
    void a_table_that_was_created_anew_during_a_run_is_not_touched() {
        for (Acting acting : List.of(Acting.COMPACT, Acting.EXPIRE)) {
            for (When when : When.values()) {
                ActionResult result = during(acting, when, () -> {
                    catalog.dropTable(T, false);
                    make();
                });

                assertGone(result, when);
                assertThat(result.detail()).contains("created anew");
                assertThat(catalog.loadTable(T).snapshots()).hasSize(3);
                assertThat(reader(T).rows()).hasSize(3);
            }
        }
    }

    @Test
    void a_table_whose_spec_changed_under_a_commit_is_left_to_the_next_run() {
        ActionResult result = during(
                Acting.COMPACT,
                When.COMMIT,
                () -> catalog.loadTable(T).updateSpec().addField("name").commit());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(reader(T).rows()).hasSize(3);
    }

    @Test
    void a_property_that_is_no_number_is_named() {
        catalog.loadTable(T)
                .updateProperties()
                .set("commit.retry.num-retries", "abc")
                .commit();

        for (Acting acting : List.of(Acting.COMPACT, Acting.EXPIRE)) {
            ActionResult result = during(acting, When.LOADED, () -> {});

            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.INVALID_PROPERTY);
            assertThat(result.detail())
                    .startsWith("table property commit.retry.num-retries=abc is not a number; set it");
        }
    }

    @Test
    void a_damaged_manifest_is_metadata_and_a_missing_data_file_is_missing() {
        for (String content : List.of("garbage", "")) {
            for (Acting acting : List.of(Acting.COMPACT, Acting.EXPIRE)) {
                ActionResult result = during(acting, When.LOADED, () -> eachFile("-m0.avro", content));

                assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.METADATA_UNREADABLE);
                assertThat(result.detail()).contains("-m0.avro");
                anew();
            }
        }
        ActionResult missing = during(Acting.COMPACT, When.LOADED, () -> eachFile(".parquet", null));
        assertThat(missing.reason()).as(missing.toString()).isEqualTo(Reason.MISSING_FILE);
        assertThat(missing.detail()).contains(".parquet");
        anew();

        ActionResult list = during(Acting.EXPIRE, When.LOADED, () -> eachFile("snap-", null));
        assertThat(list.reason()).as(list.toString()).isEqualTo(Reason.MISSING_FILE);
        assertThat(list.detail()).contains("snap-");
        anew();

        ActionResult damaged = during(Acting.COMPACT, When.LOADED, () -> eachFile(".parquet", "garbage"));
        assertThat(damaged.reason()).as(damaged.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(damaged.detail()).contains(".parquet");
    }

    @Test
    void what_another_maintainers_expiry_took_is_looked_for_again_in_the_table_as_it_is_now() {
        TableOperations stale = ops();
        TableMetadata before = stale.current();
        catalog.loadTable(T)
                .newDelete()
                .deleteFromRowFilter(Expressions.alwaysTrue())
                .commit();
        append(9);
        append(10);
        Expiry.keeping(1).execute(ops());
        List<Reason> seen = new ArrayList<>();
        TableOperations stuck = new Stuck(stale, before);

        Supplier<ActionResult> action = () -> {
            ActionResult result = Compacting.small().execute(seen.isEmpty() ? stuck : ops());
            seen.add(result.reason());
            return result;
        };
        ActionResult result = new Aftermath(source, REF, before).explained(action.get(), action);

        assertThat(seen).containsExactly(Reason.MISSING_FILE, Reason.COMPACTED);
        assertThat(result.reason()).isEqualTo(Reason.COMPACTED);
        assertThat(reader(T).rows()).hasSize(2);
    }

    @Test
    void a_commit_to_no_such_table_is_denied_where_the_table_is_there_and_no_skip() {
        for (Acting acting : List.of(Acting.COMPACT, Acting.EXPIRE)) {
            TableMetadata before = ops().current();

            ActionResult result = acting.on(new NotForYou(ops()));
            ActionResult explained = new Aftermath(source, REF, before).explained(result, () -> result);

            assertThat(explained.reason()).as(explained.toString()).isEqualTo(Reason.PERMISSION_DENIED);
            assertThat(explained.detail()).contains("serves the table", "no such table");
            assertThat(explained.files().left()).isEmpty();
            assertThat(reader(T).rows()).hasSize(3);
        }
    }

    @Test
    void a_full_disk_before_the_request_is_no_commit_of_unknown_state() {
        for (Acting acting : List.of(Acting.COMPACT, Acting.EXPIRE)) {
            ActionResult result = acting.on(new FullDisk(ops()));

            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.STORAGE_ERROR);
            assertThat(result.detail()).contains("not sent", ".metadata.json", "No space left on device");
            assertThat(result.detail()).doesNotContain("Orphan");
            // But for the link to the device, by which this test fills the disk.
            assertThat(result.files().left()).allMatch(file -> file.contains("symbolic link"));
            assertThat(reader(T).rows()).hasSize(3);
            assertThat(catalog.loadTable(T).snapshots()).hasSize(3);
        }
    }

    @Test
    void a_branch_dropped_while_its_snapshots_expire_leaves_its_files_in_the_journal_for_the_next_run() {
        catalog.loadTable(T)
                .newDelete()
                .deleteFromRowFilter(Expressions.alwaysTrue())
                .commit();
        append(9);
        catalog.loadTable(T).manageSnapshots().createBranch("audit").commit();
        append(10);

        ActionResult result = Expiry.keeping(1)
                .execute(new After(
                        ops(),
                        () -> catalog.loadTable(T)
                                .manageSnapshots()
                                .removeBranch("audit")
                                .commit()));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(result.detail()).contains("audit was at snapshot", "journal");
        assertThat(result.effect().filesDeleted()).isZero();

        ActionResult next = Expiry.keeping(1).execute(ops());

        assertThat(next.reason()).as(next.toString()).isEqualTo(Reason.EXPIRED);
        assertThat(next.effect().get(Counter.DATA_FILES_DELETED)).isEqualTo(3);
        assertThat(reader(T).rows()).hasSize(2);
    }

    /** Somebody changes the table right after the commit. */
    private static final class After extends DelegatingOperations {
        private final TableOperations ops;
        private final Runnable change;

        After(TableOperations ops, Runnable change) {
            super(ops, ops.io());
            this.ops = ops;
            this.change = change;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            ops.commit(base, metadata);
            change.run();
        }
    }

    private enum When {
        LOADED,
        COMMIT
    }

    private enum Acting {
        COMPACT,
        EXPIRE;

        ActionResult on(TableOperations ops) {
            return this == COMPACT
                    ? Compacting.small().execute(ops)
                    : Expiry.keeping(1).execute(ops);
        }
    }

    /** What a run says, if this happens once the table was loaded, or right before its first commit. */
    private ActionResult during(Acting acting, When when, Runnable change) {
        TableOperations ops = ops();
        TableMetadata before = ops.current();
        if (when == When.LOADED) {
            change.run();
        }
        TableOperations acted = when == When.LOADED ? ops : new Meanwhile(ops, change);
        Supplier<ActionResult> action = () -> acting.on(acted);
        return new Aftermath(source, REF, before).explained(action.get(), action);
    }

    private void anew() {
        catalog.dropTable(T, false);
        make();
    }

    private SecondReader reader(TableIdentifier table) {
        String metadata =
                ((BaseTable) catalog.loadTable(table)).operations().current().metadataFileLocation();
        return SecondReader.of(SecondReader.local(metadata), SecondReader::local);
    }

    private void eachFile(String part, @Nullable String content) {
        try (var files = Files.walk(directory)) {
            for (Path file : files.filter(f -> f.getFileName().toString().contains(part) && Files.isRegularFile(f))
                    .toList()) {
                if (content == null) {
                    Files.delete(file);
                } else {
                    Files.writeString(file, content);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Meanwhile extends DelegatingOperations {
        private final TableOperations ops;
        private final Runnable change;
        private boolean changed;

        Meanwhile(TableOperations ops, Runnable change) {
            super(ops, ops.io());
            this.ops = ops;
            this.change = change;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            if (!changed) {
                changed = true;
                change.run();
            }
            ops.commit(base, metadata);
        }
    }

    /** As a client that deletes the metadata file of a commit that was refused. */
    private static final class Tidy extends DelegatingOperations {
        private final TableOperations ops;
        private final Path directory;

        Tidy(TableOperations ops, Path directory) {
            super(ops, ops.io());
            this.ops = ops;
            this.directory = directory;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            try {
                ops.commit(base, metadata);
            } catch (RuntimeException refused) {
                try (var files = Files.walk(directory)) {
                    for (Path file : files.filter(f -> f.toString().endsWith(".metadata.json"))
                            .toList()) {
                        Files.delete(file);
                    }
                } catch (IOException e) {
                    refused.addSuppressed(e);
                }
                throw refused;
            }
        }
    }

    /** As a client that has not heard of newer metadata yet. */
    private static final class Stuck extends DelegatingOperations {
        private final TableMetadata at;

        Stuck(TableOperations ops, TableMetadata at) {
            super(ops, ops.io());
            this.at = at;
        }

        @Override
        public TableMetadata current() {
            return at;
        }

        @Override
        public TableMetadata refresh() {
            return at;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            throw new CommitFailedException("others were first");
        }
    }

    /** A catalog that serves a table, and denies it to whoever would change it. */
    private static final class NotForYou extends DelegatingOperations {
        NotForYou(TableOperations ops) {
            super(ops, ops.io());
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            throw new NoSuchTableException("Table does not exist: db.t");
        }
    }

    /** A catalog's client for whose metadata file there is no room. */
    private static final class FullDisk extends DelegatingOperations {
        private final TableOperations ops;

        FullDisk(TableOperations ops) {
            super(ops, ops.io());
            this.ops = ops;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            Path location = Path.of(ops.metadataFileLocation("00009-" + System.nanoTime() + ".metadata.json"));
            try (RoutedFileIO files = new RoutedFileIO()) {
                files.initialize(Map.of());
                // Every write to this device is answered as by a full disk.
                Files.createSymbolicLink(location, Path.of("/dev/full"));
                TableMetadataParser.overwrite(metadata, files.newOutputFile(location.toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private TableOperations ops() {
        return ((BaseTable) catalog.loadTable(T)).operations();
    }

    private void append(long id) {
        Record row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", id);
        try {
            new TableChanges((BaseTable) catalog.loadTable(T)).append(List.of(row));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
