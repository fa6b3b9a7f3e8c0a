package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.Postgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Catalogs in schemas of one Postgres database, of any form each: every one sees and changes its own tables alone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresSchemasTest {
    private final Postgres server = Postgres.start();

    @TempDir
    Path directory;

    @AfterAll
    void stop_server() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"V0, V1", "V1, V0", "V0, V0", "V1, V1"})
    void two_catalogs_of_one_database_are_each_their_own(String first, String second) {
        Postgres database = server.database();
        // Iceberg's own client writes to a catalog that knows no views only as long as no other schema has one.
        if (first.equals("V0")) {
            make(database, "one", first, "events");
            make(database, "two", second, "clicks", "events");
        } else {
            make(database, "two", second, "clicks", "events");
            make(database, "one", first, "events");
        }

        try (TableSource one = open(database, "one");
                TableSource two = open(database, "two")) {
            assertThat(names(one)).containsExactly("lake.web.events");
            assertThat(names(two)).containsExactlyInAnyOrder("lake.web.clicks", "lake.web.events");
            TableRef events = new TableRef("lake", List.of("web"), "events");
            one.load(events).updateProperties().set("changed", "in one").commit();
            two.load(events).updateProperties().set("changed", "in two").commit();
            assertThat(one.load(events).properties()).containsEntry("changed", "in one");
            assertThat(two.load(events).properties()).containsEntry("changed", "in two");
        }
    }

    @Test
    void a_schema_without_a_catalog_is_unreachable_and_is_given_none() {
        Postgres database = server.database();
        make(database, "one", "V1", "events");
        database.schema("empty");

        assertThatThrownBy(() -> open(database, "empty"))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining("relation \"iceberg_tables\" does not exist");
    }

    private void make(Postgres database, String schema, String version, String... tables) {
        database.schema(schema, version.equals("V1"));
        Map<String, String> more = Map.of(
                "jdbc.currentSchema", schema, "jdbc.schema-version", version, "jdbc.init-catalog-tables", "false");
        try (JdbcCatalog catalog =
                database.make("lake", directory.resolve(schema).toString(), more)) {
            catalog.createNamespace(Namespace.of("web"));
            for (String table : tables) {
                Table made = catalog.createTable(TableIdentifier.of("web", table), Samples.SCHEMA);
                assertThat(made.location()).contains(schema);
            }
        }
    }

    private TableSource open(Postgres database, String schema) {
        Map<String, String> properties =
                new HashMap<>(database.properties(directory.resolve(schema).toString()));
        properties.put("uri", database.uri() + "?currentSchema=" + schema);
        return OpenCatalogs.open("lake", "jdbc", properties, directory);
    }

    private static List<String> names(TableSource source) {
        List<String> names = new ArrayList<>();
        for (Iterator<TableRef> tables = source.list(); tables.hasNext(); ) {
            names.add(tables.next().fullName());
        }
        return names;
    }
}
