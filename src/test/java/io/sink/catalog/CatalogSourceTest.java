package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.junit.jupiter.api.Test;

class CatalogSourceTest {

    @Test
    void a_catalog_without_namespaces_lists_what_it_has() {
        try (TableSource source = new CatalogSource("flat", new Flat())) {
            assertThat(TableSourceContract.names(source.list())).containsExactly("flat.a", "flat.b");
        }
    }

    @Test
    void a_server_that_ignores_the_parent_is_not_walked_for_ever() {
        InMemoryCatalog forgetful = new InMemoryCatalog() {
            @Override
            public List<Namespace> listNamespaces(Namespace parent) {
                return super.listNamespaces(Namespace.empty());
            }
        };
        forgetful.initialize("mem", Map.of());
        forgetful.createNamespace(Namespace.of("web"));
        forgetful.createTable(TableIdentifier.of("web", "events"), Samples.SCHEMA);

        try (TableSource source = new CatalogSource("lake", forgetful)) {
            assertThat(TableSourceContract.names(source.list())).containsExactly("lake.web.events");
        }
    }

    /** Tables without namespaces. */
    private static final class Flat implements Catalog {
        @Override
        public List<TableIdentifier> listTables(Namespace namespace) {
            return List.of(TableIdentifier.of("a"), TableIdentifier.of("b"));
        }

        @Override
        public boolean dropTable(TableIdentifier identifier, boolean purge) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void renameTable(TableIdentifier from, TableIdentifier to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Table loadTable(TableIdentifier identifier) {
            throw new UnsupportedOperationException();
        }
    }
}
