package io.sink.testing;

import io.sink.catalog.TableSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.ImmutableGenericPartitionStatisticsFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** A table without a catalog in a directory of its own, for tests to write to and to look at. */
public final class PathTable {
    public static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "name", Types.StringType.get()));

    private final PathWarehouse warehouse;
    private final @Nullable TableSource source;
    private final String name;

    private PathTable(PathWarehouse warehouse, @Nullable TableSource source, String name) {
        this.warehouse = warehouse;
        this.source = source;
        this.name = name;
    }

    /**
     * Makes a table with no snapshot in a warehouse on any storage.
     *
     * @param source the warehouse opened, for as long as the table is used
     */
    public static PathTable create(
            PathWarehouse warehouse,
            TableSource source,
            String name,
            int formatVersion,
            Map<String, String> properties) {
        warehouse.create(name, formatVersion, properties);
        return new PathTable(warehouse, source, name);
    }

    /** Makes a table at {@code warehouse/name} with no snapshot. */
    public static PathTable create(Path warehouse, String name, int formatVersion, Map<String, String> properties) {
        var all = new HashMap<>(properties);
        all.put("format-version", Integer.toString(formatVersion));
        create(warehouse, name, warehouse.resolve(name).toString(), all);
        return new PathTable(PathWarehouse.local(warehouse), null, name);
    }

    /** Makes a table with no snapshot whose metadata says that it is at another location: that of its object store. */
    public static void create(Path warehouse, String name, String location, Map<String, String> properties) {
        Path directory = warehouse.resolve(name).resolve("metadata");
        TableMetadata metadata = TableMetadata.newTableMetadata(
                SCHEMA, PartitionSpec.unpartitioned(), SortOrder.unsorted(), location, properties);
        try {
            Files.createDirectories(directory);
            Files.writeString(
                    directory.resolve("v1.metadata.json"),
                    TableMetadataParser.toJson(metadata),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path location() {
        return warehouse.directory(name);
    }

    /** The table as it is now. */
    public BaseTable load() {
        if (source != null) {
            return PathWarehouse.load(source, name);
        }
        try (TableSource opened = warehouse.open()) {
            return PathWarehouse.load(opened, name);
        }
    }

    public SecondReader reader() {
        String metadata = load().operations().current().metadataFileLocation();
        return SecondReader.of(locate(metadata), warehouse.locate());
    }

    /** The file of a location. */
    public Path locate(String location) {
        return warehouse.locate().apply(location);
    }

    /** Appends a file of rows with these ids. */
    public DataFile append(long... ids) {
        try {
            return new TableChanges(load()).append(rows(ids)).get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces every row by rows with these ids. */
    public void replace(long... ids) {
        try {
            BaseTable table = load();
            DataFile file = new TableChanges(table).write(rows(ids), SCHEMA, table.spec(), null);
            table.newOverwrite()
                    .overwriteByRowFilter(Expressions.alwaysTrue())
                    .addFile(file)
                    .commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes rows of a file by position. */
    public DeleteFile delete(DataFile file, long... positions) {
        try {
            return new TableChanges(load()).deletePositions(file, positions);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long currentSnapshot() {
        return load().currentSnapshot().snapshotId();
    }

    /** Writes a statistics file and a partition statistics file for a snapshot. */
    public void statistics(long snapshotId) {
        try {
            Path statistics = location().resolve("metadata/stats-" + snapshotId + ".puffin");
            Path partitions = location().resolve("metadata/partition-stats-" + snapshotId + ".parquet");
            Files.writeString(statistics, "statistics of " + snapshotId);
            Files.writeString(partitions, "partition statistics of " + snapshotId);
            BaseTable table = load();
            table.updateStatistics()
                    .setStatistics(new GenericStatisticsFile(
                            snapshotId,
                            statistics.toString(),
                            Files.size(statistics),
                            10,
                            List.of(new GenericBlobMetadata("ndv", snapshotId, 1, List.of(1), Map.of()))))
                    .commit();
            table.updatePartitionStatistics()
                    .setPartitionStatistics(ImmutableGenericPartitionStatisticsFile.builder()
                            .snapshotId(snapshotId)
                            .path(partitions.toString())
                            .fileSizeInBytes(Files.size(partitions))
                            .build())
                    .commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Record> rows(long... ids) {
        return Arrays.stream(ids)
                .mapToObj(id -> {
                    Record row = GenericRecord.create(SCHEMA);
                    row.setField("id", id);
                    row.setField("name", "name of " + id);
                    return row;
                })
                .toList();
    }
}
