package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.Faults;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
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

/** Two tables whose properties send their data and their metadata to the same folders. */
class SharedFoldersTest {
    @TempDir
    Path warehouse;

    private JdbcCatalog catalog;
    private BaseTable one;
    private BaseTable other;

    @BeforeEach
    void make_two_tables() {
        catalog = SqliteCatalog.make("lake", warehouse);
        catalog.createNamespace(Namespace.of("db"));
        one = make("one");
        other = make("other");
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private BaseTable make(String name) {
        return (BaseTable) catalog.createTable(
                TableIdentifier.of("db", name),
                PathTable.SCHEMA,
                PartitionSpec.unpartitioned(),
                Map.of(
                        "format-version", "2",
                        "write.data.path", warehouse.resolve("data").toString(),
                        "write.metadata.path", warehouse.resolve("metadata").toString()));
    }

    @Test
    void the_journal_of_one_table_is_none_of_the_others() throws IOException {
        append(one, 1);
        append(other, 2);
        replace(other, 3);
        Faults unknown = Faults.none()
                .failing("commit"::equals, message -> new CommitStateUnknownException(new IOException(message)));
        ActionResult left = Expiry.keeping(1).execute(new FaultyOperations(ops(other), unknown, Faults.none()));
        assertThat(left.reason()).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
        var needed = reader(other).reachable();

        ActionResult result =
                Expiry.keeping(1).at(Instant.now().plus(Duration.ofHours(30))).execute(ops(one));

        assertThat(needed).as(result.toString()).allMatch(Files::exists);
        // and its own table still finds it
        other.refresh();
        assertThat(Expiry.keeping(1).execute(ops(other)).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(reader(other).reachable()).allMatch(Files::exists);
    }

    @Test
    void journals_of_one_run_do_not_overwrite_each_other() throws IOException {
        for (BaseTable table : List.of(one, other)) {
            append(table, 1);
            replace(table, 2);
        }
        Instant run = Instant.now();
        Faults unknown = Faults.none()
                .failing("commit"::equals, message -> new CommitStateUnknownException(new IOException(message)));
        Expiry.keeping(1).at(run).execute(new FaultyOperations(ops(one), unknown, Faults.none()));
        Expiry.keeping(1).at(run).execute(new FaultyOperations(ops(other), unknown, Faults.none()));

        assertThat(journals(one)).hasSize(1);
        assertThat(journals(other)).hasSize(1);
        assertThat(journals(one)).isNotEqualTo(journals(other));
    }

    @Test
    void what_one_table_staged_is_not_taken_away_by_the_other() throws IOException {
        append(one, 1);
        append(one, 2);
        append(other, 3);
        append(other, 4);
        // its files are committed, and its entries could not be removed
        Faults noDeletes = Faults.none()
                .failing(
                        call -> call.startsWith("delete") && call.contains("sink-staged"),
                        message -> new RuntimeIOException("%s", message));
        ActionResult compacted = Compacting.small().execute(new FaultyOperations(ops(other), Faults.none(), noDeletes));
        assertThat(compacted.reason()).isEqualTo(Reason.COMPACTED);
        List<String> rows = reader(other).rows();

        ActionResult result = Compacting.settling()
                .at(Instant.now().plus(Duration.ofHours(30)))
                .execute(ops(one));

        assertThat(reader(other).reachable()).as(result.toString()).allMatch(Files::exists);
        assertThat(reader(other).rows()).isEqualTo(rows);
        assertThat(result.reason()).isEqualTo(Reason.NOTHING_TO_SETTLE);
    }

    private TableOperations ops(BaseTable table) {
        return ((BaseTable) catalog.loadTable(TableIdentifier.of(
                        "db", table.name().substring(table.name().lastIndexOf('.') + 1))))
                .operations();
    }

    private SecondReader reader(BaseTable table) {
        return SecondReader.of(SecondReader.local(ops(table).current().metadataFileLocation()), SecondReader::local);
    }

    private static void append(BaseTable table, long id) throws IOException {
        table.refresh();
        new TableChanges(table).append(List.of(row(id)));
    }

    private static void replace(BaseTable table, long id) throws IOException {
        table.refresh();
        DataFile file = new TableChanges(table).write(List.of(row(id)), PathTable.SCHEMA, table.spec(), null);
        table.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(file)
                .commit();
    }

    private static Record row(long id) {
        Record row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", id);
        row.setField("name", "name of " + id);
        return row;
    }

    private List<Journals.Found> journals(BaseTable table) {
        Journals journals = new Journals(ops(table));
        return journals.everyone().stream().filter(journals::isOwn).toList();
    }
}
