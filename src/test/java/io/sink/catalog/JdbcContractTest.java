package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.SqliteCatalog;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JdbcContractTest extends TableSourceContract {

    JdbcCatalog engine;

    @BeforeEach
    void makeCatalog() {
        engine = engine();
    }

    JdbcCatalog engine() {
        return SqliteCatalog.make(CATALOG, directory);
    }

    @AfterEach
    void closeCatalog() {
        engine.close();
    }

    @Override
    void makeTable(List<String> namespace, String name) {
        for (int depth = 1; depth <= namespace.size(); depth++) {
            Namespace level = Namespace.of(namespace.subList(0, depth).toArray(String[]::new));
            if (!engine.namespaceExists(level)) {
                engine.createNamespace(level);
            }
        }
        Namespace whole = Namespace.of(namespace.toArray(String[]::new));
        engine.createTable(TableIdentifier.of(whole, name), Samples.SCHEMA);
    }

    @Override
    void dropNamespace(String namespace, String table) {
        engine.dropTable(TableIdentifier.of(namespace, table), true);
        engine.dropNamespace(Namespace.of(namespace));
    }

    @Override
    TableSource open() {
        Map<String, String> properties = Map.of("uri", "jdbc:sqlite:./catalog.db", "warehouse", ".");
        return OpenCatalogs.open(CATALOG, "jdbc", properties, directory);
    }

    @Test
    void a_namespace_without_tables_is_told_too() {
        makeTable(List.of("web"), "events");
        engine.createNamespace(Namespace.of("empty"));

        try (TableSource source = open()) {
            assertThat(namespaces(source)).containsExactlyInAnyOrder(List.of(), List.of("empty"), List.of("web"));
        }
    }

    @Test
    void a_view_is_no_table() {
        makeTable(List.of("web"), "events");
        engine.buildView(TableIdentifier.of("web", "seen"))
                .withSchema(Samples.SCHEMA)
                .withDefaultNamespace(Namespace.of("web"))
                .withQuery("spark", "select * from events")
                .create();

        try (TableSource source = open()) {
            assertThat(names(source.list())).containsExactly("lake.web.events");
        }
    }
}
