package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.outcome.UnsupportedFeatureException;
import io.sink.testing.Expiry;
import io.sink.testing.S3Server;
import io.sink.testing.Sweeping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shared places on S3, and locations that its client takes for others. */
class SharedPlacesOnS3Test extends SharedPlacesContract {
    @TempDir
    static Path objects;

    private static S3Server server;
    private static int warehouses;
    private final String warehouse = "s3://lake/shared" + ++warehouses;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(objects);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    String warehouse() {
        return warehouse;
    }

    @Override
    Map<String, String> storage() {
        return server.properties();
    }

    @Override
    Path locate(String location) {
        return server.locate(location);
    }

    @Override
    String respelled(String location) {
        return location.replaceFirst("^s3:", "s3a:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"#copy", "?version=1", "#", "?x#y"})
    void a_key_that_begins_as_a_live_files_and_goes_on_after_a_mark_is_left_and_listed(String mark) throws IOException {
        BaseTable table = make("t", Map.of());
        DataFile live = append(table, 1);
        Sweeping.age(locate(warehouse()));
        Path data = Sweeping.plant(Path.of(locate(live.location()) + mark));
        Path metadata = Sweeping.plant(Path.of(locate(ops("t").current().metadataFileLocation()) + mark));
        Path orphan = Sweeping.plant(locate(table.location() + "/data/x.parquet"));

        ActionResult result = sweep("t", known);

        isWhole("t");
        assertThat(data).exists();
        assertThat(metadata).exists();
        assertThat(orphan).as(result.toString()).doesNotExist();
        assertThat(result.files().left())
                .anyMatch(file -> file.startsWith(live.location() + mark) && file.contains("cut it off"));
    }

    @Test
    void an_orphan_that_means_another_key_is_not_planned_to_go() throws IOException {
        BaseTable table = make("t", Map.of());
        append(table, 1);
        Sweeping.age(locate(warehouse()));
        Path stray = Sweeping.plant(locate(table.location() + "/data/stray.parquet#1"));
        Path orphan = Sweeping.plant(locate(table.location() + "/data/x.parquet"));

        ActionResult planned = Sweeping.all().of("lake.db.t").among(known).preview(ops("t"));

        assertThat(planned.files().deleted()).containsExactly(server.location(orphan));
        assertThat(planned.files().left()).singleElement().asString().startsWith(server.location(stray));
    }

    @Test
    void an_old_snapshot_that_names_a_live_file_with_a_mark_behind_it_takes_nothing() throws IOException {
        BaseTable table = make("t", Map.of());
        DataFile live = append(table, 1);
        DataFile marked = DataFiles.builder(PartitionSpec.unpartitioned())
                .copy(live)
                .withPath(live.location() + "#1")
                .build();
        table.newAppend().appendFile(marked).commit();
        forget(table, marked);

        ActionResult result = Expiry.keeping(1).of("lake.db.t", known).execute(ops("t"));

        isWhole("t");
        assertThat(locate(live.location())).exists();
        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(result.files().left()).singleElement().asString().startsWith(marked.location());
    }

    @Test
    void a_live_entry_with_a_mark_keeps_the_file_that_it_is_read_from() throws IOException {
        BaseTable table = make("t", Map.of());
        DataFile first = append(table, 1);
        table.newDelete().deleteFile(first).commit();
        table.newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .copy(first)
                        .withPath(first.location() + "?v=1")
                        .build())
                .commit();
        append(table, 2);
        Sweeping.age(locate(warehouse()));

        ActionResult expired = expire("t", known);
        ActionResult swept = sweep("t", known);

        assertThat(locate(first.location())).as(expired + " " + swept).exists();
    }

    @Test
    void nothing_is_written_or_deleted_under_a_location_that_means_another_key() throws IOException {
        BaseTable table = make("t", Map.of());
        DataFile live = append(table, 1);
        byte[] before = Files.readAllBytes(locate(live.location()));

        assertThatThrownBy(() -> table.io().newOutputFile(live.location() + "#x"))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("move the table");
        assertThatThrownBy(() -> table.io().deleteFile(live.location() + "?x"))
                .isInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> ((SupportsBulkOperations) table.io()).deleteFiles(List.of(live.location() + "#y")))
                .isInstanceOf(BulkDeletionFailureException.class);

        assertThat(locate(live.location())).hasBinaryContent(before);
    }
}
