package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
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

    /** As where client and server do not mean the same by a separator of levels. */
    @Test
    void namespaces_that_are_not_those_that_were_asked_for_are_no_empty_answer() {
        InMemoryCatalog confused = new InMemoryCatalog() {
            @Override
            public List<Namespace> listNamespaces(Namespace parent) {
                return parent.length() < 2
                        ? super.listNamespaces(parent)
                        : List.of(Namespace.of(parent.toString(), "deep"));
            }
        };
        confused.initialize("mem", Map.of());
        confused.createNamespace(Namespace.of("web"));
        confused.createNamespace(Namespace.of("web", "eu"));

        try (TableSource source = new CatalogSource("lake", confused)) {
            Iterator<TableRef> tables = source.list();

            assertThatThrownBy(tables::hasNext)
                    .isInstanceOf(CatalogUnreachableException.class)
                    .hasMessageContaining("asked for the namespaces in web.eu", "the server lists web.eu.deep");
        }
    }

    @Test
    void a_root_that_is_not_found_is_a_catalog_that_cannot_be_reached() {
        InMemoryCatalog elsewhere = new InMemoryCatalog() {
            @Override
            public List<Namespace> listNamespaces() {
                throw new NoSuchNamespaceException("404 of a proxy");
            }
        };
        elsewhere.initialize("mem", Map.of());

        try (TableSource source = new CatalogSource("lake", elsewhere)) {
            Iterator<TableRef> tables = source.list();

            assertThatThrownBy(tables::hasNext)
                    .isInstanceOf(CatalogUnreachableException.class)
                    .hasMessageContaining("404 of a proxy");
        }
    }

    @Test
    void a_namespace_that_is_listed_and_not_found_is_unknown_and_one_that_was_dropped_is_empty() {
        AtomicBoolean dropped = new AtomicBoolean();
        InMemoryCatalog forgetful = new InMemoryCatalog() {
            private int listings;

            @Override
            public List<Namespace> listNamespaces() {
                return dropped.get() && listings++ > 0 ? List.of() : super.listNamespaces();
            }

            @Override
            public List<TableIdentifier> listTables(Namespace namespace) {
                throw new NoSuchNamespaceException("gone");
            }
        };
        forgetful.initialize("mem", Map.of());
        forgetful.createNamespace(Namespace.of("web"));

        try (TableSource source = new CatalogSource("lake", forgetful)) {
            Iterator<TableRef> tables = source.list();
            assertThatThrownBy(tables::hasNext).isInstanceOf(CatalogUnreachableException.class);

            dropped.set(true);
            assertThat(source.list().hasNext()).isFalse();
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
