package io.sink.catalog;

import io.sink.outcome.Reason;
import io.sink.table.Failures;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Any Iceberg catalog. Its namespaces are listed one at a time, the tables of each before its children. */
final class CatalogSource implements TableSource {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogSource.class);

    private static final int DEEPEST = 64;

    /** A listing that fails for one of these reasons does not say that there are no tables. */
    private static final Set<Reason> FAILED =
            EnumSet.of(Reason.CATALOG_UNREACHABLE, Reason.PERMISSION_DENIED, Reason.STORAGE_ERROR);

    private final String name;
    private final Catalog catalog;
    private final boolean embedded;

    /** Takes over the catalog: closing this closes it. */
    CatalogSource(String name, Catalog catalog) {
        this(name, catalog, false);
    }

    /** @param embedded whether the catalog lives in this process, with no server behind it */
    CatalogSource(String name, Catalog catalog, boolean embedded) {
        this.name = name;
        this.catalog = catalog;
        this.embedded = embedded;
    }

    @Override
    public boolean commitsDieWithProcess() {
        return embedded;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Iterator<TableRef> list() {
        return list(namespace -> {});
    }

    @Override
    public Iterator<TableRef> list(Consumer<List<String>> namespace) {
        return new Walk(catalog instanceof SupportsNamespaces namespaces ? namespaces : null, namespace);
    }

    @Override
    public BaseTable load(TableRef ref) {
        TableIdentifier identifier =
                TableIdentifier.of(Namespace.of(ref.namespace().toArray(String[]::new)), ref.name());
        Table table;
        try {
            table = MetadataReading.of(() -> catalog.loadTable(identifier));
        } catch (NoSuchNamespaceException e) {
            throw new NoSuchTableException(e, "No such table: %s", ref);
        }
        // a catalog that has no table a.b.files answers with the metadata table "files" of a.b
        if (table instanceof BaseTable base) {
            AddOns.require(base.location());
            SoundOperations sound = new SoundOperations(base.operations());
            sound.current();
            return new BaseTable(sound, base.name());
        }
        throw new NoSuchTableException("No such table: %s", ref);
    }

    @Override
    public void close() {
        if (catalog instanceof Closeable closeable) {
            try {
                closeable.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot close catalog '" + name + "'", e);
            }
        }
    }

    private final class Walk implements Iterator<TableRef> {
        private final @Nullable SupportsNamespaces namespaces;
        private final Consumer<List<String>> told;
        private final Deque<Namespace> ahead = new ArrayDeque<>();
        private Iterator<TableIdentifier> tables = Collections.emptyIterator();

        Walk(@Nullable SupportsNamespaces namespaces, Consumer<List<String>> told) {
            this.namespaces = namespaces;
            this.told = told;
            ahead.push(Namespace.empty());
        }

        @Override
        public boolean hasNext() {
            while (!tables.hasNext() && !ahead.isEmpty()) {
                Namespace namespace = ahead.peek();
                try {
                    List<Namespace> children = childrenOf(namespace);
                    tables = tablesOf(namespace);
                    told.accept(List.of(namespace.levels()));
                    ahead.pop();
                    for (int i = children.size() - 1; i >= 0; i--) {
                        ahead.push(children.get(i));
                    }
                } catch (NoSuchNamespaceException e) {
                    if (isListed(namespace)) {
                        throw notFound(namespace, e);
                    }
                    // dropped since its parent was listed, and its children with it
                    ahead.pop();
                }
            }
            return tables.hasNext();
        }

        @Override
        public TableRef next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            TableIdentifier table = tables.next();
            return new TableRef(name, Arrays.asList(table.namespace().levels()), table.name());
        }

        /** The tables of a namespace. Some catalogs have tables without one, and others reject that question. */
        private Iterator<TableIdentifier> tablesOf(Namespace namespace) {
            if (namespaces == null || !namespace.isEmpty()) {
                return catalog.listTables(namespace).iterator();
            }
            if (catalog instanceof RESTCatalog) {
                // The protocol has no way to ask.
                return Collections.emptyIterator();
            }
            try {
                return catalog.listTables(namespace).stream()
                        .filter(table -> table.namespace().isEmpty())
                        .iterator();
            } catch (NoSuchNamespaceException none) {
                return Collections.emptyIterator();
            } catch (RuntimeException e) {
                if (catalog instanceof JdbcCatalog || FAILED.contains(Failures.reason(e, Reason.INTERNAL_ERROR))) {
                    throw e;
                }
                // Catalogs reject the question each in its own way; a failure to answer is none of these ways.
                LOG.debug("catalog {} lists no tables without a namespace: {}", name, e.toString());
                return Collections.emptyIterator();
            }
        }

        /**
         * Whether the catalog still lists this namespace, although it answered that there is none. The root always
         * counts as listed: a 404 for it comes from a proxy or a wrong warehouse, and does not say that there are no
         * tables.
         */
        private boolean isListed(Namespace namespace) {
            if (namespace.isEmpty()) {
                return true;
            }
            Namespace parent = Namespace.of(Arrays.copyOf(namespace.levels(), namespace.length() - 1));
            try {
                return childrenOf(parent).contains(namespace);
            } catch (NoSuchNamespaceException e) {
                if (parent.isEmpty()) {
                    throw notFound(parent, e);
                }
                return false;
            }
        }

        private CatalogUnreachableException notFound(Namespace namespace, NoSuchNamespaceException e) {
            return new CatalogUnreachableException(
                    name,
                    namespace.isEmpty()
                            ? "the server does not find its own root namespace; check uri and warehouse ("
                                    + e.getMessage() + ")"
                            : "the server lists namespace " + namespace + " and does not find it (" + e.getMessage()
                                    + ")",
                    e);
        }

        private static boolean isBelow(Namespace child, Namespace parent) {
            return child.length() > parent.length()
                    && Arrays.equals(Arrays.copyOf(child.levels(), parent.length()), parent.levels());
        }

        /**
         * Refuses an answer about other namespaces, as of a server that separates levels in another way: it may hide
         * tables. A server that ignores the parent lists the top level.
         */
        private void requireNone(List<Namespace> answer, Namespace parent) {
            answer.stream().filter(other -> other.length() > 1).findFirst().ifPresent(other -> {
                throw new CatalogUnreachableException(
                        name,
                        "asked for the namespaces in " + parent + ", the server lists " + other
                                + ", which is not one of them");
            });
        }

        /** Only one level down: the walk would never end if a server ignores the parent and lists the top level. */
        private List<Namespace> childrenOf(Namespace parent) {
            if (namespaces == null) {
                return List.of();
            }
            if (parent.length() > DEEPEST) {
                throw new CatalogUnreachableException(
                        name,
                        "its namespaces do not end: there are more than " + DEEPEST + " levels, the first of them "
                                + parent.level(0));
            }
            List<Namespace> answer = parent.isEmpty() ? namespaces.listNamespaces() : namespaces.listNamespaces(parent);
            List<Namespace> below =
                    answer.stream().filter(child -> isBelow(child, parent)).toList();
            if (below.isEmpty()) {
                requireNone(answer, parent);
            }
            return below.stream()
                    .filter(child -> child.length() == parent.length() + 1)
                    .toList();
        }
    }
}
