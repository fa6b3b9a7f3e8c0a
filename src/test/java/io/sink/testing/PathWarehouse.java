package io.sink.testing;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;

/**
 * A warehouse of tables without a catalog, on local disk or on S3, whose files a test can see either way.
 *
 * @param root what {@code warehouse} is set to
 * @param properties what the catalog needs besides
 * @param locate gives the file for a location in the metadata
 */
public record PathWarehouse(String root, Map<String, String> properties, Function<String, Path> locate) {

    public PathWarehouse {
        properties = Map.copyOf(properties);
    }

    /** On local disk. */
    public static PathWarehouse local(Path directory) {
        return new PathWarehouse(directory.toString(), Map.of(), SecondReader::local);
    }

    /** In a server's bucket, through its own address. */
    public static PathWarehouse onS3(S3Server server, String root) {
        return new PathWarehouse(root, server.properties(), server::locate);
    }

    /** The same with these properties besides. */
    public PathWarehouse with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(properties);
        all.putAll(more);
        return new PathWarehouse(root, all, locate);
    }

    /** Opens it as the configured catalog {@code paths}. */
    public TableSource open() {
        Map<String, String> all = new HashMap<>(properties);
        all.put("warehouse", root);
        return OpenCatalogs.open("paths", "path", all, Path.of(""));
    }

    /** The catalog's lines of a configuration, indented to stand below {@code catalogs:}. */
    public String yaml() {
        Map<String, String> all = new TreeMap<>(properties);
        all.put("type", "path");
        all.put("warehouse", root);
        return all.entrySet().stream()
                .map(property -> "    %s: \"%s\"%n".formatted(property.getKey(), property.getValue()))
                .collect(Collectors.joining("", "  paths:\n", ""));
    }

    /**
     * Makes a table of {@link PathTable#SCHEMA} with no snapshot.
     *
     * @param location how the metadata names the table's own place
     */
    public void create(String name, String location, int formatVersion, Map<String, String> properties) {
        var all = new HashMap<>(properties);
        all.put("format-version", Integer.toString(formatVersion));
        TableMetadata metadata = TableMetadata.newTableMetadata(
                PathTable.SCHEMA, PartitionSpec.unpartitioned(), SortOrder.unsorted(), location, all);
        try {
            Files.createDirectories(directory(name).resolve("metadata"));
            Files.writeString(
                    directory(name).resolve("metadata/v1.metadata.json"),
                    TableMetadataParser.toJson(metadata),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes such a table at its usual place. */
    public void create(String name, int formatVersion, Map<String, String> properties) {
        create(name, root + "/" + name, formatVersion, properties);
    }

    public static BaseTable load(TableSource source, String name) {
        return source.load(new TableRef("paths", List.of(), name));
    }

    /** The table's directory, as the test sees it. */
    public Path directory(String name) {
        return locate.apply(root).resolve(name);
    }

    /** A second reader of the highest version there is. */
    public SecondReader reader(String name) {
        try (Stream<Path> files = Files.list(directory(name).resolve("metadata"))) {
            return SecondReader.of(
                    files.filter(file -> file.getFileName().toString().matches("v\\d+\\.metadata\\.json"))
                            .max(Comparator.comparingInt(PathWarehouse::version))
                            .orElseThrow(),
                    locate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int version(Path metadata) {
        return Integer.parseInt(String.valueOf(metadata.getFileName()).replaceAll("\\D", ""));
    }
}
