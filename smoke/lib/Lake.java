package lib;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * A warehouse that a service writes to: one directory with a SQLite catalog named {@code lake} and the tables of its
 * namespace {@code web}.
 *
 * @param directory holds {@code catalog.db} and the tables
 * @param catalog the service's own connection
 */
public record Lake(Path directory, JdbcCatalog catalog) implements AutoCloseable {
    private static final String NAMESPACE = "web";

    /** A configuration that expires all but the last two snapshots of each branch, whatever their age. */
    public static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./lake/catalog.db", warehouse: ./lake }
            maintenance:
              expire: { older-than: 0s, retain-last: 2 }
            """;

    /** Makes an empty warehouse at {@code test/lake}. */
    public static Lake make(Path test) throws IOException {
        return make(test, Map.of());
    }

    /** Makes an empty warehouse whose service has these properties besides. */
    public static Lake make(Path test, Map<String, String> properties) throws IOException {
        Path directory = Files.createDirectory(test.resolve("lake"));
        Map<String, String> all = new HashMap<>(SqliteCatalog.properties(directory));
        all.putAll(properties);
        JdbcCatalog catalog = new JdbcCatalog();
        catalog.initialize("lake", all);
        catalog.createNamespace(Namespace.of(NAMESPACE));
        return new Lake(directory, catalog);
    }

    /** Makes a table of {@link PathTable#SCHEMA}. */
    public LakeTable create(String name, int formatVersion, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("format-version", Integer.toString(formatVersion));
        return new LakeTable(catalog.createTable(id(name), PathTable.SCHEMA, PartitionSpec.unpartitioned(), all));
    }

    public static TableIdentifier id(String name) {
        return TableIdentifier.of(NAMESPACE, name);
    }

    /** The table's directory. */
    public Path table(String name) {
        return directory.resolve(NAMESPACE).resolve(name);
    }

    /** A second reader of what the catalog's database points to now. */
    public SecondReader reader(String name) {
        return reader(directory.resolve("catalog.db"), NAMESPACE, name);
    }

    /** A second reader of what any SQLite catalog points to now, asked by SQL. */
    public static SecondReader reader(Path database, String namespace, String name) {
        return reader(database, namespace, name, SecondReader::local);
    }

    /**
     * The same where locations are not paths.
     *
     * @param locate gives the file for a location
     */
    public static SecondReader reader(Path database, String namespace, String name, Function<String, Path> locate) {
        String sql = "SELECT metadata_location FROM iceberg_tables WHERE table_namespace = ? AND table_name = ?";
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, namespace);
            statement.setString(2, name);
            try (ResultSet row = statement.executeQuery()) {
                return SecondReader.of(locate.apply(row.getString(1)), locate);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("no table " + name + " in " + database, e);
        }
    }

    /**
     * Files in the table's directory that it does not need, but for the metadata file that a writer leaves that loses a
     * race in a JDBC catalog; {@code sink} must not leave one.
     */
    public TreeSet<Path> superfluous(String name) throws IOException {
        TreeSet<Path> files = SavedTree.files(table(name));
        files.removeAll(reader(name).reachable());
        ObjectMapper json = new ObjectMapper();
        for (Path file : List.copyOf(files)) {
            if (file.toString().endsWith(".metadata.json") && !isOurs(json.readTree(file.toFile()))) {
                files.remove(file);
            }
        }
        return files;
    }

    /** Whether a metadata file that never became the table was made by {@code sink}: its newest snapshot says so. */
    private static boolean isOurs(JsonNode metadata) {
        JsonNode newest =
                metadata.path("snapshots").path(metadata.path("snapshots").size() - 1);
        return newest.path("summary").has("sink.run-id")
                && newest.path("timestamp-ms").asLong()
                        == metadata.path("last-updated-ms").asLong();
    }

    /** The table's state now, to be held against what a run leaves of it. */
    public Before before(String name) {
        return Before.of(table(name), () -> reader(name));
    }

    @Override
    public void close() {
        catalog.close();
    }
}
