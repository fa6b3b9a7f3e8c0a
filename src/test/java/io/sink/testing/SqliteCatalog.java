package io.sink.testing;

import io.sink.catalog.RoutedFileIO;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.jdbc.JdbcCatalog;

/** A JDBC catalog on SQLite that a test makes for itself, as an engine would. */
public final class SqliteCatalog {

    private SqliteCatalog() {}

    /** The properties of a catalog in a directory: {@code catalog.db}, and the tables beside it. */
    public static Map<String, String> properties(Path directory) {
        return Map.of(
                CatalogProperties.URI,
                "jdbc:sqlite:" + directory.resolve("catalog.db"),
                CatalogProperties.WAREHOUSE_LOCATION,
                directory.toString(),
                CatalogProperties.FILE_IO_IMPL,
                RoutedFileIO.class.getName(),
                "jdbc.busy_timeout",
                "30000",
                "jdbc.schema-version",
                "V1");
    }

    /** Makes the database and its tables, in the form that knows views. */
    public static JdbcCatalog make(String name, Path directory) {
        JdbcCatalog catalog = new JdbcCatalog();
        catalog.initialize(name, properties(directory));
        return catalog;
    }
}
