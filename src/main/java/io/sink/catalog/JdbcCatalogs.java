package io.sink.catalog;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens Iceberg's JDBC catalog and creates nothing: by themselves, Iceberg creates missing tables and SQLite a missing
 * database.
 */
final class JdbcCatalogs {

    /**
     * The name that the catalog's rows carry, if it is not the name in the configuration. Every engine may name the
     * catalog differently, and a JDBC catalog only sees the tables of its own name.
     */
    static final String CATALOG_NAME = "catalog-name";

    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRES = "jdbc:postgresql:";

    private static final int MOST_NAMES = 10;
    private static final Logger LOG = LoggerFactory.getLogger(JdbcCatalogs.class);

    private JdbcCatalogs() {}

    /** Whether the database lives in this process. */
    static boolean isEmbedded(Map<String, String> properties) {
        return properties.getOrDefault(CatalogProperties.URI, "").startsWith(SQLITE);
    }

    /** @throws CatalogUnreachableException if there is no such database, or it has no tables of a catalog */
    static Catalog open(String name, Map<String, String> properties, Path baseDirectory) {
        Map<String, String> complete = new HashMap<>(RoutedFileIO.inFrontOf(properties));
        complete.computeIfPresent(
                CatalogProperties.WAREHOUSE_LOCATION, (key, at) -> LocalLocation.resolve(at, baseDirectory));
        complete.put("jdbc.init-catalog-tables", "false");
        // V1 alters the tables of a V0 catalog on opening; a V1 catalog is recognised without it
        complete.remove("jdbc.schema-version");
        String uri = complete.get(CatalogProperties.URI);
        if (uri == null || uri.isBlank()) {
            throw new CatalogUnreachableException(
                    name, "'uri' is missing, for example jdbc:sqlite:./warehouse/catalog.db");
        }
        if (uri.startsWith(SQLITE)) {
            openSqlite(name, uri, complete, baseDirectory);
        }
        if (uri.startsWith(POSTGRES)) {
            // In seconds: by itself the driver waits for ever for a server that accepts and never answers.
            complete.putIfAbsent("jdbc.loginTimeout", "30");
            complete.putIfAbsent("jdbc.socketTimeout", "120");
        }
        String catalogName = complete.getOrDefault(CATALOG_NAME, name);
        OneSchemaPool connections = new OneSchemaPool(complete);
        JdbcCatalog catalog =
                Catalogs.initialized(new JdbcCatalog(null, any -> connections, false), catalogName, complete);
        connections.opened();
        withItsTables(name, catalog);
        warnOfOtherNames(name, catalogName, catalog, complete);
        return catalog;
    }

    /** A JDBC catalog sees only the rows of its own name; if only other names have rows, the name is probably wrong. */
    private static void warnOfOtherNames(
            String name, String catalogName, JdbcCatalog catalog, Map<String, String> properties) {
        List<String> others = new ArrayList<>();
        try {
            if (!catalog.listNamespaces().isEmpty()) {
                return;
            }
            Properties login = new Properties();
            properties.forEach((key, value) -> {
                if (key.startsWith("jdbc.")) {
                    login.setProperty(key.substring("jdbc.".length()), value);
                }
            });
            try (Connection connection = DriverManager.getConnection(properties.get(CatalogProperties.URI), login);
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT catalog_name, COUNT(*) FROM iceberg_tables"
                            + " GROUP BY catalog_name ORDER BY catalog_name")) {
                while (rows.next() && others.size() < MOST_NAMES) {
                    others.add("\"" + rows.getString(1) + "\" (" + rows.getLong(2) + " tables)");
                }
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug("catalog {}: other names cannot be looked for: {}", name, e.toString());
            return;
        }
        if (!others.isEmpty()) {
            LOG.warn(
                    "catalog {}: its database has no table under the name \"{}\", but some under {}; set {} of the"
                            + " catalog to the right one",
                    name,
                    catalogName,
                    String.join(", ", others),
                    CATALOG_NAME);
        }
    }

    private static void openSqlite(String name, String uri, Map<String, String> properties, Path baseDirectory) {
        String address = uri.substring(SQLITE.length());
        int cut = address.indexOf('?');
        String query = cut < 0 ? "" : address.substring(cut);
        String file = cut < 0 ? address : address.substring(0, cut);
        String plain = file.startsWith("file:") ? file.substring("file:".length()) : file;
        if (plain.isEmpty() || plain.startsWith(":") || query.contains("mode=memory")) {
            throw new CatalogUnreachableException(name, "an SQLite catalog must be a file, which this is not: " + uri);
        }
        String resolved = LocalLocation.resolve(file, baseDirectory);
        Path database = LocalLocation.path(resolved);
        if (!Files.isRegularFile(database)) {
            throw new CatalogUnreachableException(
                    name, "no SQLite database at " + database + " (sink opens catalogs and never creates one)");
        }
        properties.put(CatalogProperties.URI, SQLITE + resolved + query);
        // read and write, and do not create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI
        properties.put("jdbc.open_mode", "66");
        // one writer at a time: others wait this many milliseconds before SQLITE_BUSY
        properties.putIfAbsent("jdbc.busy_timeout", "30000");
    }

    /** JdbcCatalog opens without its tables and fails at the first query, so that query is made here. */
    private static JdbcCatalog withItsTables(String name, JdbcCatalog catalog) {
        try {
            catalog.namespaceExists(Namespace.of("sink"));
            return catalog;
        } catch (RuntimeException e) {
            Catalogs.closeQuietly(catalog, e);
            throw new CatalogUnreachableException(name, e);
        }
    }
}
