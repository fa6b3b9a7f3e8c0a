package io.sink.demo;

import io.sink.catalog.LocalFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;

/**
 * Makes the demo's warehouse: a SQLite catalog with tables in different states, written through Iceberg as a service
 * would write them.
 */
public final class DemoWarehouse {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "user_name", Types.StringType.get()),
            Types.NestedField.optional(3, "page", Types.StringType.get()),
            Types.NestedField.optional(4, "score", Types.DoubleType.get()));

    private static final String CONFIGURATION = """
            # Made by 'sink demo'. Try, with this file:
            #   sink maintain -c %1$s --compact --dry-run
            #   sink check -c %1$s
            version: 1
            catalogs:
              demo:
                type: jdbc
                uri: jdbc:sqlite:./catalog.db
                warehouse: ./warehouse
            maintenance:
              # A real warehouse keeps days: { older-than: 5d, retain-last: 10 }
              expire: { older-than: 0s, retain-last: 3 }
            tables:
              - match: "demo.tmp.**"
                exclude: true
              - match: "demo.web.sessions"
                expire: { max-expire-snapshots: 5 }
            """;

    private DemoWarehouse() {}

    /**
     * Makes the warehouse and its configuration.
     *
     * @param folder an existing, empty directory
     * @param seed the same seed gives the same rows
     * @return the configuration file
     * @throws IOException if a file cannot be written
     */
    public static Path make(Path folder, long seed) throws IOException {
        Map<String, String> properties = Map.of(
                CatalogProperties.URI,
                "jdbc:sqlite:" + folder.resolve("catalog.db"),
                CatalogProperties.WAREHOUSE_LOCATION,
                folder.resolve("warehouse").toString(),
                CatalogProperties.FILE_IO_IMPL,
                LocalFileIO.class.getName(),
                "jdbc.schema-version",
                "V1");
        try (JdbcCatalog catalog = new JdbcCatalog()) {
            catalog.initialize("demo", properties);
            for (String namespace : new String[] {"fin", "ops", "tmp", "web"}) {
                catalog.createNamespace(Namespace.of(namespace));
            }
            fragmented(catalog, seed);
            rewritten(catalog, seed);
            tagged(catalog, seed);
            shared(catalog, seed);
            guarded(catalog, seed);
            young(catalog, seed);
            catalog.createTable(TableIdentifier.of("ops", "empty"), SCHEMA);
            new DemoTable(create(catalog, "tmp", "scratch", Map.of()), seed).append(3);
        }
        Path configuration = folder.resolve("sink.yaml");
        Files.writeString(configuration, CONFIGURATION.formatted(configuration));
        return configuration;
    }

    private static Table create(JdbcCatalog catalog, String namespace, String name, Map<String, String> properties) {
        return catalog.buildTable(TableIdentifier.of(namespace, name), SCHEMA)
                .withProperties(properties)
                .withProperty(TableProperties.FORMAT_VERSION, properties.getOrDefault("format-version", "2"))
                .create();
    }

    /** A service appended a small file every minute: many snapshots, and only metadata to free. */
    private static void fragmented(JdbcCatalog catalog, long seed) throws IOException {
        new DemoTable(create(catalog, "web", "events", Map.of("format-version", "3")), seed).append(40);
    }

    /** A job replaced the whole table again and again: every old snapshot holds on to data. */
    private static void rewritten(JdbcCatalog catalog, long seed) throws IOException {
        new DemoTable(create(catalog, "web", "clicks", Map.of()), seed)
                .append(4)
                .replace()
                .append(4)
                .replace()
                .append(4)
                .replace()
                .append(3);
    }

    /** A tag keeps the year's end, and what it needs, whatever its age. */
    private static void tagged(JdbcCatalog catalog, long seed) throws IOException {
        new DemoTable(create(catalog, "ops", "audit", Map.of()), seed)
                .append(5)
                .tag("year-end")
                .replace()
                .append(5);
    }

    /** Its files belong to another table too, says its owner. */
    private static void shared(JdbcCatalog catalog, long seed) throws IOException {
        new DemoTable(create(catalog, "fin", "ledger", Map.of(TableProperties.GC_ENABLED, "false")), seed).append(6);
    }

    /** More would expire than the configuration's guard lets through. */
    private static void guarded(JdbcCatalog catalog, long seed) throws IOException {
        new DemoTable(create(catalog, "web", "sessions", Map.of()), seed).append(12);
    }

    /** Two snapshots, both retained. */
    private static void young(JdbcCatalog catalog, long seed) throws IOException {
        new DemoTable(create(catalog, "fin", "rates", Map.of()), seed).append(2);
    }
}
