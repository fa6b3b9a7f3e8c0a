package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogsTest {

    private static final TableRef EVENTS = new TableRef("lake", List.of("web"), "events");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {"jdbc:sqlite:./missing.db", "jdbc:sqlite:missing.db?cache=shared", "jdbc:sqlite:file:missing.db"
            })
    void a_missing_sqlite_file_is_named_and_not_made(String uri) {
        assertThatThrownBy(() -> open("jdbc", Map.of("uri", uri, "warehouse", ".")))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining("'lake'")
                .hasMessageContaining(directory.resolve("missing.db").toString());

        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:sqlite::memory:", "jdbc:sqlite:", "jdbc:sqlite:file:a?mode=memory"})
    void an_sqlite_catalog_in_memory_is_refused(String uri) {
        assertThatThrownBy(() -> open("jdbc", Map.of("uri", uri, "warehouse", ".")))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining("must be a file");
    }

    @Test
    void a_database_without_a_catalog_is_left_without_one() throws IOException {
        Path database = Files.createFile(directory.resolve("catalog.db"));

        assertThatThrownBy(() -> open(
                        "jdbc",
                        Map.of(
                                "uri", "jdbc:sqlite:catalog.db",
                                "warehouse", ".",
                                "jdbc.init-catalog-tables", "true",
                                "jdbc.schema-version", "V1")))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining("no such table");

        assertThat(database).isEmptyFile();
    }

    @Test
    void opening_and_reading_leave_an_sqlite_catalog_byte_for_byte() {
        makeEvents("lake");
        var before = Trees.contents(directory);

        try (TableSource source = open("jdbc", sqlite())) {
            BaseTable table = source.load(source.list().next());
            assertThat(table.name()).isEqualTo("lake.web.events");
            assertThat(Trees.contents(directory)).isEqualTo(before);
        }

        assertThat(Trees.contents(directory)).isEqualTo(before);
    }

    @Test
    void a_catalog_of_the_old_schema_keeps_it() throws SQLException {
        JdbcCatalog old = new JdbcCatalog();
        old.initialize(
                "lake",
                Map.of(
                        "uri",
                        "jdbc:sqlite:" + directory.resolve("catalog.db"),
                        "warehouse",
                        directory.toString(),
                        CatalogProperties.FILE_IO_IMPL,
                        LocalFileIO.class.getName()));
        old.createNamespace(Namespace.of("web"));
        old.createTable(TableIdentifier.of("web", "events"), Samples.SCHEMA);
        old.close();
        var before = Trees.contents(directory);

        try (TableSource source =
                open("jdbc", Map.of("uri", "jdbc:sqlite:catalog.db", "warehouse", ".", "jdbc.schema-version", "V1"))) {
            assertThat(TableSourceContract.names(source.list())).containsExactly("lake.web.events");
            assertThat(source.load(EVENTS).schema().columns()).hasSize(2);
        }

        assertThat(Trees.contents(directory)).isEqualTo(before);
    }

    @Test
    void a_catalog_under_another_name_is_found_by_catalog_name() {
        makeEvents("spark_catalog");

        try (TableSource own = open("jdbc", sqlite());
                TableSource named = open(
                        "jdbc",
                        Map.of("uri", "jdbc:sqlite:catalog.db", "warehouse", ".", "catalog-name", "spark_catalog"))) {
            assertThat(own.list().hasNext()).isFalse();
            assertThat(TableSourceContract.names(named.list())).containsExactly("lake.web.events");
            assertThat(named.load(EVENTS).schema().columns()).hasSize(2);
        }
    }

    @Test
    void a_commit_waits_for_another_writer_of_the_database() throws Exception {
        makeEvents("lake");

        try (TableSource source = open("jdbc", sqlite());
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("catalog.db"));
                Statement statement = other.createStatement()) {
            BaseTable table = source.load(EVENTS);
            statement.execute("BEGIN EXCLUSIVE");
            CompletableFuture<Void> commit = CompletableFuture.runAsync(
                    () -> table.updateProperties().set("owner", "ops").commit());
            Thread.sleep(3500); // longer than the three seconds that the driver waits of itself
            assertThat(commit).isNotDone();
            statement.execute("ROLLBACK");
            commit.get(20, TimeUnit.SECONDS);

            assertThat(source.load(EVENTS).properties()).containsEntry("owner", "ops");
        }
    }

    @Test
    void relative_paths_are_taken_from_the_base_directory_and_not_the_working_one() {
        Path warehouse = directory.resolve("warehouse");
        Samples.writeTable(warehouse.resolve("events"), "blob://warehouse/events", Map.of());

        for (String relative : List.of("warehouse", "./warehouse", "x/../warehouse", "file:warehouse")) {
            try (TableSource source = open("path", Map.of("warehouse", relative, "blob-root", "."))) {
                assertThat(source.load(source.list().next()).location()).isEqualTo("blob://warehouse/events");
            }
        }
    }

    @Test
    void what_cannot_be_opened_says_which_catalog_and_why() {
        assertProblem("rest", Map.of("uri", "http://127.0.0.1:9"), "refused");
        assertProblem("path", Map.of("warehouse", "nowhere"), "no such directory: " + directory.resolve("nowhere"));
        assertProblem("path", Map.of(), "'warehouse' is missing");
        assertProblem("path", Map.of("warehouse", "gs://lake"), "local disk and on S3 only");
        assertProblem("jdbc", Map.of("warehouse", "."), "'uri' is missing");
        assertProblem("nonsense", Map.of(), "nonsense");
        assertProblem("hadoop", Map.of("warehouse", "."), "type: path serves them");
        assertProblem("jdbc", Map.of("uri", "jdbc:nonsense:x", "warehouse", "."), "jdbc:nonsense");
        assertProblem("x", Map.of("catalog-impl", "no.such.Catalog"), "no.such.Catalog");
    }

    @Test
    void a_catalog_of_another_class_opens_through_catalog_impl() {
        try (TableSource source =
                open("ignored", Map.of("catalog-impl", InMemoryCatalog.class.getName(), "warehouse", "/nowhere"))) {
            assertThat(source.list().hasNext()).isFalse();
        }
    }

    private void assertProblem(String type, Map<String, String> properties, String problem) {
        assertThatThrownBy(() -> open(type, properties))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageStartingWith("Cannot open catalog 'lake': ")
                .hasMessageContaining(problem);
    }

    private TableSource open(String type, Map<String, String> properties) {
        return OpenCatalogs.open("lake", type, properties, directory);
    }

    private static Map<String, String> sqlite() {
        return Map.of("uri", "jdbc:sqlite:./catalog.db", "warehouse", ".");
    }

    private void makeEvents(String catalogName) {
        try (JdbcCatalog engine = SqliteCatalog.make(catalogName, directory)) {
            engine.createNamespace(Namespace.of("web"));
            engine.createTable(TableIdentifier.of("web", "events"), Samples.SCHEMA);
        }
    }
}
