package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.table.DelegatingOperations;
import io.sink.testing.DenyingStorage;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.Sweeping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a store denies and lists are deleted as others are, and never forgotten in silence. */
class UnseenFilesTest {
    @TempDir
    static Path folder;

    private static S3Server server;
    private static PathWarehouse warehouse;
    private static TableSource source;
    private static int tables;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder);
        warehouse = PathWarehouse.onS3(server, "s3://lake/w");
        Files.createDirectories(server.locate("s3://lake/w"));
        source = warehouse.open();
    }

    @AfterAll
    static void stop() {
        source.close();
        server.close();
    }

    @Test
    void an_expiry_deletes_what_is_denied_and_listed() {
        PathTable table = create(Map.of());
        DataFile old = table.append(1);
        table.replace(2);

        ActionResult result =
                Expiry.keeping(1).execute(DenyingStorage.of(table.load().operations(), old.location()::equals));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.EXPIRED);
        assertThat(result.files().deleted()).contains(old.location());
        assertThat(server.locate(old.location())).doesNotExist();
    }

    @Test
    void an_expiry_says_of_what_is_still_listed_that_it_is_left() {
        PathTable table = create(Map.of());
        DataFile old = table.append(1);
        table.replace(2);

        ActionResult result = Expiry.keeping(1)
                .execute(DenyingStorage.of(table.load().operations(), old.location()::equals, true, false));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(result.files().left())
                .anyMatch(left -> left.startsWith(old.location()) && left.contains("and lists it"));
        assertThat(server.locate(old.location())).exists();
    }

    @Test
    void a_file_whose_deletion_failed_is_not_gone_because_the_store_denies_it() {
        PathTable table = create(Map.of());
        DataFile old = table.append(1);
        table.replace(2);

        ActionResult result = Expiry.keeping(1)
                .execute(DenyingStorage.failingToDelete(table.load().operations(), old.location()::equals));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(result.files().left())
                .anyMatch(left -> left.startsWith(old.location()) && left.contains("and lists it"));
        assertThat(server.locate(old.location())).exists();
    }

    @Test
    void a_journal_that_is_listed_and_cannot_be_read_stays() {
        PathTable table = create(Map.of());
        DataFile old = table.append(1);
        table.replace(2);
        TableOperations ops = table.load().operations();
        Expiry.keeping(1).execute(DenyingStorage.of(ops, path -> false, true, false));
        Predicate<String> journals = path -> path.contains("sink-journal-");

        ActionResult result = Expiry.keeping(1)
                .at(Instant.now().plus(Duration.ofDays(2)))
                .execute(DenyingStorage.withUnread(table.load().operations(), journals));
        ActionResult next = Expiry.keeping(1)
                .at(Instant.now().plus(Duration.ofDays(2)))
                .execute(table.load().operations());

        assertThat(result.effect().filesDeleted()).as(result.toString()).isZero();
        assertThat(next.files().deleted()).as(next.toString()).contains(old.location());
        assertThat(server.locate(old.location())).doesNotExist();
    }

    @Test
    void a_metadata_file_that_left_the_log_is_counted_though_it_was_denied() {
        PathTable table = shortLogged();
        String outgoing = outgoing(table);

        ActionResult result =
                Expiry.keeping(1).execute(DenyingStorage.of(table.load().operations(), outgoing::equals));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.EXPIRED);
        assertThat(server.locate(outgoing)).doesNotExist();
        assertThat(result.files().deleted()).contains(outgoing);
    }

    @Test
    void a_metadata_file_that_left_the_log_and_is_still_there_is_named() {
        PathTable table = shortLogged();
        String outgoing = outgoing(table);

        ActionResult result =
                Expiry.keeping(1).execute(new Keeping(table.load().operations(), server.locate(outgoing)));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.EXPIRED);
        assertThat(result.files().deleted()).doesNotContain(outgoing);
        assertThat(result.files().left())
                .anyMatch(left -> left.startsWith(outgoing) && left.contains("left the metadata log"));
        assertThat(result.effect().get(Counter.FILES_LEFT)).isEqualTo(1);
    }

    /** A table of whose metadata the last two are kept, and the others deleted by commits. */
    private PathTable shortLogged() {
        PathTable table = create(Map.of(
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "1"));
        table.append(1);
        table.replace(2);
        return table;
    }

    private static PathTable create(Map<String, String> properties) {
        return PathTable.create(warehouse, source, "t" + ++tables, 2, properties);
    }

    private static String outgoing(PathTable table) {
        return table.load().operations().current().previousFiles().get(0).file();
    }

    /** A catalog that does not delete the metadata file that its commit should. */
    private static final class Keeping extends DelegatingOperations {
        private final TableOperations ops;
        private final Path file;

        Keeping(TableOperations ops, Path file) {
            super(ops, ops.io());
            this.ops = ops;
            this.file = file;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            try {
                byte[] bytes = Files.readAllBytes(file);
                ops.commit(base, metadata);
                Files.write(file, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void a_sweep_deletes_what_it_listed_and_the_store_denies() {
        PathTable table = create(Map.of());
        table.append(1);
        String orphan = table.load().operations().locationProvider().newDataLocation("orphan.parquet");
        Sweeping.plant(server.locate(orphan));

        ActionResult result =
                Sweeping.all().execute(DenyingStorage.of(table.load().operations(), orphan::equals));

        assertThat(result.effect().get(Counter.FILES_LEFT))
                .as(result.toString())
                .isZero();
        assertThat(result.files().deleted()).containsExactly(orphan);
        assertThat(server.locate(orphan)).doesNotExist();
    }
}
