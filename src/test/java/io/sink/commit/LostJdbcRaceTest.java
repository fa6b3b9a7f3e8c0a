package io.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.RoutedFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.DelegatingOperations;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JDBC catalog's client writes the metadata file of its commit before it knows whether it will win, and leaves it
 * lying when it loses.
 */
class LostJdbcRaceTest {
    private static final TableIdentifier T = TableIdentifier.of("db", "t");

    @TempDir
    Path directory;

    private JdbcCatalog catalog;

    @BeforeEach
    void make_a_table() {
        catalog = SqliteCatalog.make("lake", directory);
        catalog.createNamespace(Namespace.of("db"));
        catalog.createTable(
                T, PathTable.SCHEMA, PartitionSpec.unpartitioned(), Map.of("commit.retry.num-retries", "1"));
        append(1);
        append(2);
        append(3);
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    @Test
    void a_compaction_that_lost_leaves_no_metadata_file() {
        ActionResult result = Compacting.small().execute(new Raced(ops()));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(result.files().left()).isEmpty();
        assertThat(result.files().deleted()).anyMatch(file -> file.endsWith(".metadata.json"));
        assertNothingSuperfluous(4);
    }

    @Test
    void an_expiry_that_lost_every_attempt_leaves_no_metadata_file() {
        ActionResult result = Expiry.keeping(1).execute(new Raced(ops()));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(result.files().left()).isEmpty();
        assertNothingSuperfluous(5);
    }

    @Test
    void a_commit_that_won_leaves_its_metadata_and_nothing_else() {
        ActionResult compacted = Compacting.small().execute(ops());
        ActionResult expired = Expiry.keeping(1).execute(ops());

        assertThat(compacted.reason()).as(compacted.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(expired.reason()).as(expired.toString()).isEqualTo(Reason.EXPIRED);
        assertNothingSuperfluous(3);
    }

    @Test
    void the_metadata_file_of_a_commit_that_may_have_landed_stays_and_is_listed() {
        ActionResult result = Expiry.keeping(1).execute(new Silent(ops()));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
        assertThat(result.files().left()).anyMatch(file -> file.contains(".metadata.json"));
        TreeSet<Path> there = SavedTree.files(directory);
        assertThat(result.files().left()).allMatch(file -> there.contains(Path.of(file.split(" ", 2)[0])));
    }

    /** Another writer comes between every refresh and its commit. */
    private final class Raced extends DelegatingOperations {
        private final TableOperations ops;
        private long next = 100;

        Raced(TableOperations ops) {
            super(ops, ops.io());
            this.ops = ops;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            append(next++);
            ops.commit(base, metadata);
        }
    }

    /** The metadata file is written, and then nobody answers. */
    private static final class Silent extends DelegatingOperations {
        private final TableOperations ops;
        private boolean silent;

        Silent(TableOperations ops) {
            super(ops, ops.io());
            this.ops = ops;
        }

        @Override
        public TableMetadata refresh() {
            if (silent) {
                throw new UncheckedIOException(new IOException("no answer"));
            }
            return ops.refresh();
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            silent = true;
            String location = ops.metadataFileLocation("00009-lost.metadata.json");
            try (RoutedFileIO files = new RoutedFileIO()) {
                files.initialize(Map.of());
                files.newOutputFile(location).create().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            throw new CommitStateUnknownException(new IOException("no answer"));
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

    private void assertNothingSuperfluous(int rows) {
        SecondReader reader =
                SecondReader.of(SecondReader.local(ops().current().metadataFileLocation()), SecondReader::local);
        assertThat(reader.rows()).hasSize(rows);
        TreeSet<Path> files = SavedTree.files(directory);
        files.removeAll(reader.reachable());
        files.removeIf(file -> String.valueOf(file.getFileName()).startsWith("catalog.db"));
        assertThat(files).isEmpty();
    }
}
