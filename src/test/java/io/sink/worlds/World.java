package io.sink.worlds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Catalogs and tables that a seed made, and the configuration that names them. */
final class World implements AutoCloseable {
    final long seed;
    final Ground ground;
    /** Where configuration, databases and the program's own state are; no part of the ground. */
    final Path home;

    final List<Cat> cats = new ArrayList<>();
    final List<Entry> entries = new ArrayList<>();
    /** Where the metadata of a table is whose catalog points to nothing. */
    final Map<Entry, String> unreadable = new LinkedHashMap<>();

    final Set<Path> planted = new LinkedHashSet<>();
    final Set<String> features = new LinkedHashSet<>();
    final List<String> story = new ArrayList<>();
    int retainLast = 1;

    @Nullable
    String exclusive;

    boolean mended;

    World(long seed, Ground ground, Path home) {
        this.seed = seed;
        this.ground = ground;
        this.home = home;
    }

    /** Writes the configuration as it is now. */
    Path configuration() {
        String exclusives = exclusive == null ? "" : ", exclusive-locations: [\"" + exclusive + "\"]";
        String yaml = "version: 1\ncatalogs:\n"
                + cats.stream().map(cat -> cat.yaml(ground, mended)).collect(Collectors.joining())
                + "maintenance:\n  expire: { older-than: 0s, retain-last: " + retainLast + ", max-shrink-percent: 100"
                + exclusives + " }\n  orphans: { older-than: 3d, max-orphan-bytes-percent: 100 }\n";
        try {
            return Files.writeString(home.resolve("sink.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a run can read this table. */
    boolean isReadable(Entry entry) {
        return mended || (!entry.cat().isBroken() && !unreadable.containsKey(entry));
    }

    /** Whether a run cannot list some catalog to its end, or cannot believe what it listed. */
    boolean hasUnknownCatalog() {
        return cats.stream().anyMatch(cat -> !mended && cat.isBroken() || isEmptyWarehouse(cat));
    }

    private boolean isEmptyWarehouse(Cat cat) {
        return cat.kind == Cat.Kind.PATH
                && entries.stream().noneMatch(entry -> entry.cat().equals(cat));
    }

    boolean hasUnknown() {
        return hasUnknownCatalog() || !mended && !unreadable.isEmpty();
    }

    /** Makes every catalog and table readable. */
    void mend() {
        mended = true;
        cats.forEach(Cat::mend);
        unreadable.forEach(this::point);
        unreadable.clear();
    }

    /** Where the metadata of an entry is now, whether or not a run can find it. */
    String pointer(Entry entry) {
        String hidden = unreadable.get(entry);
        if (hidden != null) {
            return hidden;
        }
        return entry.cat().kind == Cat.Kind.PATH ? newest(entry) : row(entry);
    }

    private String newest(Entry entry) {
        String place = entry.cat().warehouse + "/" + entry.path().replace('.', '/') + "/metadata";
        try (Stream<Path> files = Files.list(ground.locate(place))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.matches("v\\d+\\.metadata\\.json"))
                    .max(Comparator.comparingInt(name -> Integer.parseInt(name.replaceAll("\\D", ""))))
                    .map(name -> place + "/" + name)
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String row(Entry entry) {
        String sql = "SELECT metadata_location FROM iceberg_tables"
                + " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?";
        try (Connection database = open(entry.cat().database);
                PreparedStatement query = database.prepareStatement(sql)) {
            query.setString(1, entry.cat().owner);
            query.setString(2, entry.namespace());
            query.setString(3, entry.table());
            try (ResultSet row = query.executeQuery()) {
                return row.getString(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("no row for " + entry, e);
        }
    }

    /** Makes a catalog with a database point to a metadata file, under a name that may be new. */
    void point(Entry entry, String metadataLocation) {
        String sql = "INSERT OR REPLACE INTO iceberg_tables (catalog_name, table_namespace, table_name,"
                + " metadata_location, previous_metadata_location, iceberg_type) VALUES (?, ?, ?, ?, NULL, 'TABLE')";
        try (Connection database = open(entry.cat().database);
                PreparedStatement insert = database.prepareStatement(sql)) {
            insert.setString(1, entry.cat().owner);
            insert.setString(2, entry.namespace());
            insert.setString(3, entry.table());
            insert.setString(4, metadataLocation);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot point " + entry, e);
        }
    }

    private static Connection open(Path database) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + database + "?synchronous=OFF&busy_timeout=30000");
    }

    String describe() {
        return "world " + seed + " at " + ground.root() + ": catalogs " + cats + ", retain-last " + retainLast
                + (exclusive == null ? "" : ", exclusive " + exclusive) + "\n  " + String.join("\n  ", story);
    }

    @Override
    public void close() {
        cats.forEach(Cat::close);
    }
}
