package lib;

import io.sink.catalog.LocalFileIO;
import io.sink.testing.ForeignColumns;
import io.sink.testing.ForeignFiles;
import io.sink.testing.Pen;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A table without a catalog of three copies of one Parquet file.
 *
 * @param name the table's directory in the warehouse
 * @param location that directory
 * @param file what was copied
 * @param copies where the copies are
 * @param columns what the table has of the file; null if nobody can read its footer
 */
public record CorpusTable(
        String name,
        Path location,
        Path file,
        List<Path> copies,
        @Nullable ForeignColumns columns) {
    private static final int COPIES = 3;
    private static final int TRAILER = 8;
    private static final LocalFileIO IO = new LocalFileIO();

    public CorpusTable {
        copies = List.copyOf(copies);
    }

    /** Registers copies of a file in a table with a name mapping, and in another by its field ids, where it has any. */
    public static List<CorpusTable> of(Path warehouse, String name, Path file) throws IOException {
        ParquetMetadata footer;
        try {
            footer = ForeignFiles.footer(file);
        } catch (RuntimeException unread) {
            return List.of(unread(warehouse, name, file));
        }
        List<CorpusTable> tables = new ArrayList<>();
        ForeignColumns named = ForeignColumns.named(footer.getFileMetaData().getSchema());
        ForeignColumns numbered =
                ForeignColumns.numbered(footer.getFileMetaData().getSchema());
        byte[] bytes = Files.readAllBytes(file);
        boolean ids = !numbered.schema().columns().isEmpty();
        if (ids) {
            tables.add(made(warehouse, name + "-by-id", file, bytes, footer, numbered, false));
        }
        tables.add(made(warehouse, name, file, ids || hasIds(bytes) ? withoutIds(bytes) : bytes, footer, named, true));
        return tables;
    }

    /** A table of one column that the file may have or not: it is the file that is in question. */
    private static CorpusTable unread(Path warehouse, String name, Path file) throws IOException {
        Schema schema = new Schema(Types.NestedField.optional(1, "unread", Types.StringType.get()));
        List<Path> copies = commit(warehouse.resolve(name), schema, true, Files.readAllBytes(file), null);
        return new CorpusTable(name, warehouse.resolve(name), file, copies, null);
    }

    private static CorpusTable made(
            Path warehouse,
            String name,
            Path file,
            byte[] bytes,
            ParquetMetadata footer,
            ForeignColumns columns,
            boolean byName)
            throws IOException {
        List<Path> copies = commit(warehouse.resolve(name), columns.schema(), byName, bytes, footer);
        return new CorpusTable(name, warehouse.resolve(name), file, copies, columns);
    }

    private static List<Path> commit(
            Path location, Schema schema, boolean byName, byte[] bytes, @Nullable ParquetMetadata footer)
            throws IOException {
        NameMapping mapping = MappingUtil.create(schema);
        TableMetadata metadata = TableMetadata.buildFromEmpty(3)
                .assignUUID()
                .setLocation(location.toString())
                .setCurrentSchema(schema, schema.highestFieldId())
                .setDefaultPartitionSpec(PartitionSpec.unpartitioned())
                .setDefaultSortOrder(SortOrder.unsorted())
                .setProperties(
                        byName
                                ? Map.of(TableProperties.DEFAULT_NAME_MAPPING, NameMappingParser.toJson(mapping))
                                : Map.of())
                .build();
        Files.createDirectories(location.resolve("metadata"));
        Files.createDirectories(location.resolve("data"));
        BaseTable table = Pen.create(IO, true, metadata).table();
        AppendFiles append = table.newAppend();
        List<Path> copies = new ArrayList<>();
        for (int i = 0; i < COPIES; i++) {
            Path copy = location.resolve("data/" + i + ".parquet");
            Files.write(copy, bytes);
            copies.add(copy);
            append.appendFile(DataFiles.builder(table.spec())
                    .withPath(copy.toString())
                    .withFormat("parquet")
                    .withFileSizeInBytes(bytes.length)
                    .withMetrics(
                            footer == null
                                    ? new Metrics(1L)
                                    : ForeignFiles.metrics(IO, copy.toString(), footer, mapping))
                    .build());
        }
        append.commit();
        return copies;
    }

    /** The table's data files as they are now. */
    public List<Path> live() throws IOException {
        List<Path> live = new ArrayList<>();
        Path metadata = location.resolve("metadata");
        int version = 1;
        while (Files.exists(metadata.resolve("v" + (version + 1) + ".metadata.json"))) {
            version++;
        }
        TableMetadata current = TableMetadataParser.read(IO.newInputFile(
                metadata.resolve("v" + version + ".metadata.json").toString()));
        BaseTable table = Pen.rehearsing(IO, current).table();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }

    /** A copy of the file in which the footer claims nothing of the values, for readers that believe such claims. */
    public Path withoutStatistics() throws IOException {
        byte[] bytes = Files.readAllBytes(copies.get(0));
        return Files.write(
                location.resolve("without-statistics.parquet"),
                with(
                        bytes,
                        said -> said.getRow_groups()
                                .forEach(rowGroup -> rowGroup.getColumns().forEach(column -> {
                                    column.unsetColumn_index_offset();
                                    column.unsetColumn_index_length();
                                    if (column.isSetMeta_data()) {
                                        column.getMeta_data().unsetStatistics();
                                    }
                                }))));
    }

    private static boolean hasIds(byte[] bytes) throws IOException {
        return said(bytes).getSchema().stream().anyMatch(element -> element.isSetField_id());
    }

    /** The same file by a writer that gives no field ids. */
    private static byte[] withoutIds(byte[] bytes) throws IOException {
        return with(bytes, said -> said.getSchema().forEach(element -> element.unsetField_id()));
    }

    private static byte[] with(byte[] bytes, Consumer<FileMetaData> change) throws IOException {
        FileMetaData said = said(bytes);
        change.accept(said);
        // An order that came into the format later cannot be written, and says nothing without statistics.
        if (said.isSetColumn_orders()
                && said.getColumn_orders().stream().anyMatch(order -> order.getSetField() == null)) {
            said.unsetColumn_orders();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, footer(bytes));
        Util.writeFileMetaData(said, out);
        byte[] end = Arrays.copyOfRange(bytes, bytes.length - TRAILER, bytes.length);
        ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).putInt(out.size() - footer(bytes));
        out.write(end);
        return out.toByteArray();
    }

    private static FileMetaData said(byte[] bytes) throws IOException {
        int from = footer(bytes);
        return Util.readFileMetaData(new ByteArrayInputStream(bytes, from, bytes.length - TRAILER - from));
    }

    private static int footer(byte[] bytes) {
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - TRAILER);
        return bytes.length - TRAILER - length;
    }
}
