package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.SqliteCatalog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddOnsTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"glue, software.amazon.awssdk:glue", "hive, iceberg-hive-metastore", "nessie, iceberg-nessie"})
    void a_catalog_whose_module_is_not_there_names_it_and_where_it_goes(String type, String module) {
        assertThatThrownBy(() -> OpenCatalogs.open(
                        "lake", type, Map.of("warehouse", "s3://lake", "uri", "http://127.0.0.1:9"), directory))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining(module)
                .hasMessageContaining("SINK_CLASSPATH")
                .hasMessageContaining("ext");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gs://lake/t", "abfss://lake@account.dfs.core.windows.net/t", "hdfs://name/t"})
    void a_location_whose_module_is_not_there_is_refused_at_once(String location) {
        RoutedFileIO io = new RoutedFileIO();
        io.initialize(Map.of());

        assertThatThrownBy(() -> io.newInputFile(location))
                .isInstanceOf(NoClassDefFoundError.class)
                .hasMessageContaining("needs an add-on")
                .hasMessageContaining("SINK_CLASSPATH")
                .satisfies(failure -> assertThat(Failures.loadReason(failure)).isEqualTo(Reason.STORAGE_ERROR));
    }

    @Test
    void a_location_that_needs_none_passes() {
        assertThatCode(() -> {
                    AddOns.require("/warehouse/t");
                    AddOns.require("file:/warehouse/t");
                    AddOns.require("s3a://lake/t");
                })
                .doesNotThrowAnyException();
    }

    /** Iceberg would try to read the metadata again and again for a minute and a half. */
    @Test
    void a_table_of_a_jdbc_catalog_on_such_a_storage_is_told_apart_within_seconds() throws Exception {
        try (JdbcCatalog engine = SqliteCatalog.make("lake", directory)) {
            engine.createNamespace(Namespace.of("web"));
            engine.createTable(TableIdentifier.of("web", "events"), Samples.SCHEMA);
        }
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("catalog.db"));
                Statement statement = database.createStatement()) {
            statement.execute("UPDATE iceberg_tables SET metadata_location = 'gs://lake/t/metadata/1.metadata.json'");
        }

        Instant begun = Instant.now();
        try (TableSource source = OpenCatalogs.open(
                "lake", "jdbc", Map.of("uri", "jdbc:sqlite:catalog.db", "warehouse", "."), directory)) {
            assertThatThrownBy(() -> source.load(new TableRef("lake", List.of("web"), "events")))
                    .isInstanceOf(NoClassDefFoundError.class)
                    .hasMessageContaining("iceberg-gcp");
        }

        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(20));
    }
}
