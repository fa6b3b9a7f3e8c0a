package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Expiry;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.RestServer;
import io.sink.testing.SqliteCatalog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpireOverRestTest {

    @TempDir
    Path directory;

    /** A plain REST expiry requires nothing but the UUID: this rollback would drop main, and the table read empty. */
    @Test
    void a_rollback_between_refresh_and_commit_keeps_main_and_its_files() throws Exception {
        try (JdbcCatalog backend = SqliteCatalog.make("lake", directory);
                RestServer server = RestServer.start(backend)) {
            backend.createNamespace(Namespace.of("db"));
            Table table = backend.createTable(
                    TableIdentifier.of("db", "t"),
                    new Schema(Types.NestedField.required(1, "id", Types.LongType.get())));
            for (int i = 0; i < 4; i++) {
                table.newAppend().appendFile(file(table, i)).commit();
            }
            long first = table.snapshots().iterator().next().snapshotId();
            AtomicBoolean rolledBack = new AtomicBoolean();
            server.intercept(new RestServer.Interceptor() {
                @Override
                public Answer before(String method, String path) {
                    if (method.equals("POST") && path.endsWith("/tables/t") && !rolledBack.getAndSet(true)) {
                        Table theirs = backend.loadTable(TableIdentifier.of("db", "t"));
                        theirs.manageSnapshots().setCurrentSnapshot(first).commit();
                    }
                    return Answer.PASS;
                }
            });

            ActionResult result;
            try (TableSource source = OpenCatalogs.open("lake", "rest", Map.of("uri", server.uri()), directory)) {
                result = Expiry.keeping(1)
                        .execute(source.load(new TableRef("lake", List.of("db"), "t"))
                                .operations());
            }

            table.refresh();
            assertThat(rolledBack).isTrue();
            assertThat(result.reason()).isIn(Reason.EXPIRED, Reason.COMMIT_CONFLICT);
            assertThat(table.currentSnapshot()).isNotNull();
            assertThat(table.currentSnapshot().snapshotId()).isEqualTo(first);
            assertThat(table.currentSnapshot().allManifests(table.io())).hasSize(1);
        }
    }

    private static DataFile file(Table table, int number) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(table.location() + "/data/" + number + ".parquet")
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(1)
                .withRecordCount(1)
                .build();
    }
}
