package io.sink.testing;

import io.sink.catalog.RoutedFileIO;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.jdbc.JdbcCatalog;

/** A Postgres server on a free loopback port, in processes of its own; it lets nobody in without the password. */
public final class Postgres implements AutoCloseable {
    public static final String USER = "iceberg";
    public static final String PASSWORD = "p0stgres-of-sink";

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final EmbeddedPostgres server;
    private final String database;
    private final boolean owner;

    private Postgres(EmbeddedPostgres server, String database, boolean owner) {
        this.server = server;
        this.database = database;
        this.owner = owner;
    }

    /** Starts a server with one database; takes some seconds. */
    public static Postgres start() {
        try {
            Path data = Files.createTempDirectory("sink-postgres");
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setServerConfig("fsync", "off")
                    .start();
            execute(server, "CREATE ROLE " + USER + " LOGIN PASSWORD '" + PASSWORD + "'");
            Files.writeString(data.resolve("pg_hba.conf"), """
                    host all postgres 127.0.0.1/32 trust
                    host all all 127.0.0.1/32 scram-sha-256
                    """);
            execute(server, "SELECT pg_reload_conf()");
            return new Postgres(server, "postgres", true).another();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Another database of the same server, empty; closing it leaves the server. */
    public Postgres database() {
        return new Postgres(server, another().database, false);
    }

    private Postgres another() {
        String name = "lake" + DATABASES.incrementAndGet();
        execute(server, "CREATE DATABASE " + name + " OWNER " + USER);
        return new Postgres(server, name, owner);
    }

    /** Makes a schema in this database. */
    public void schema(String name) {
        execute(server, database, "CREATE SCHEMA " + name + " AUTHORIZATION " + USER);
    }

    /**
     * Makes a schema with the tables of a catalog in it. Iceberg itself makes none where another schema has some.
     *
     * @param views whether they are of the form that knows views
     */
    public void schema(String name, boolean views) {
        schema(name);
        execute(server, database, """
                SET ROLE %2$s;
                CREATE TABLE %1$s.iceberg_tables (
                  catalog_name VARCHAR(255) NOT NULL,
                  table_namespace VARCHAR(255) NOT NULL,
                  table_name VARCHAR(255) NOT NULL,
                  metadata_location VARCHAR(1000),
                  previous_metadata_location VARCHAR(1000),%3$s
                  PRIMARY KEY (catalog_name, table_namespace, table_name));
                CREATE TABLE %1$s.iceberg_namespace_properties (
                  catalog_name VARCHAR(255) NOT NULL,
                  namespace VARCHAR(255) NOT NULL,
                  property_key VARCHAR(255),
                  property_value VARCHAR(1000),
                  PRIMARY KEY (catalog_name, namespace, property_key))
                """.formatted(name, USER, views ? " iceberg_type VARCHAR(5)," : ""));
    }

    private static void execute(EmbeddedPostgres server, String sql) {
        execute(server, "postgres", sql);
    }

    private static void execute(EmbeddedPostgres server, String database, String sql) {
        try (Connection connection = server.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The catalog's {@code uri}. */
    public String uri() {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + database;
    }

    /** The properties of a catalog whose tables lie in a directory. */
    public Map<String, String> properties(String warehouse) {
        return Map.of(
                CatalogProperties.URI,
                uri(),
                CatalogProperties.WAREHOUSE_LOCATION,
                warehouse,
                "jdbc.user",
                USER,
                "jdbc.password",
                PASSWORD);
    }

    /** Makes the catalog's tables, in the form that knows views, as an engine would. */
    public JdbcCatalog make(String name, String warehouse, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(properties(warehouse));
        all.put("jdbc.schema-version", "V1");
        all.put(CatalogProperties.FILE_IO_IMPL, RoutedFileIO.class.getName());
        all.putAll(more);
        JdbcCatalog catalog = new JdbcCatalog();
        catalog.initialize(name, all);
        return catalog;
    }

    @Override
    public void close() {
        if (owner) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
