package io.sink.compact;

import io.sink.table.DeleteKey;
import io.sink.table.OrcShims;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;

/** Writes single data and delete files for a table with Iceberg's own writers, and commits nothing. */
public final class TestFiles {
    private final Table table;
    private final Supplier<FileFormat> formats;

    public TestFiles(Table table) {
        this(table, () -> FileFormat.PARQUET);
    }

    /** @param formats gives the format of the next data or delete file, vectors aside */
    public TestFiles(Table table, Supplier<FileFormat> formats) {
        this.table = table;
        this.formats = formats;
    }

    PartitionSpec spec(int id) {
        return Objects.requireNonNull(table.specs().get(id));
    }

    public DataFile data(List<Record> rows, @Nullable StructLike partition) {
        FileFormat format = formats.get();
        if (rows.isEmpty() && format == FileFormat.PARQUET) {
            return empty(partition);
        }
        OrcShims.choose();
        var writer = new GenericFileWriterFactory.Builder(table)
                .dataFileFormat(format)
                .build()
                .newDataWriter(output(table.spec(), partition, format), table.spec(), partition);
        rows.forEach(writer::write);
        close(writer);
        return writer.toDataFile();
    }

    /** A file as other engines write it: columns by name, in another order, without ids. Rows of {@link SmallTable}. */
    public DataFile withoutIds(List<Record> rows) {
        OutputFile file = output(table.spec(), null, FileFormat.PARQUET).encryptingOutputFile();
        MessageType type = MessageTypeParser.parseMessageType(
                "message m { optional binary text (STRING); optional binary other (STRING); required int32 id; }");
        Path path = Path.of(file.location());
        path.toFile().getParentFile().mkdirs();
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(path))
                .withType(type)
                .withConf(new PlainParquetConfiguration())
                .build()) {
            for (Record row : rows) {
                writer.write(new SimpleGroupFactory(type)
                        .newGroup()
                        .append("text", row.get(1, String.class))
                        .append("id", row.get(0, Integer.class)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return DataFiles.builder(table.spec())
                .withInputFile(file.toInputFile())
                .withFormat(FileFormat.PARQUET)
                .withRecordCount(rows.size())
                .build();
    }

    /** A file of no rows: Iceberg's writer would leave none at all. */
    private DataFile empty(@Nullable StructLike partition) {
        OutputFile file = output(table.spec(), partition, FileFormat.PARQUET).encryptingOutputFile();
        Path.of(file.location()).toFile().getParentFile().mkdirs();
        try (ParquetFileWriter writer = new ParquetFileWriter(
                new LocalOutputFile(Path.of(file.location())),
                ParquetSchemaUtil.convert(table.schema(), "table"),
                ParquetFileWriter.Mode.CREATE,
                1 << 20,
                0)) {
            writer.start();
            writer.end(Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return DataFiles.builder(table.spec())
                .withInputFile(file.toInputFile())
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withRecordCount(0)
                .build();
    }

    public DeleteFile vector(DataFile file, Set<Long> positions) {
        OutputFileFactory outputs = OutputFileFactory.builderFor(table, 1, 1)
                .format(FileFormat.PUFFIN)
                .build();
        var writer = new BaseDVFileWriter(outputs, path -> null);
        positions.forEach(position -> writer.delete(file.location(), position, spec(file.specId()), file.partition()));
        close(writer);
        return writer.result().deleteFiles().get(0);
    }

    /**
     * The deletion vector as its manifest names it. In a spec whose fields are all void, Iceberg does not find the one
     * that the writer gave, whose partition is empty, and {@code removeDeletes} silently removes nothing.
     */
    DeleteFile committed(DeleteFile vector) {
        for (ManifestFile manifest : table.currentSnapshot().deleteManifests(table.io())) {
            try (var deletes = ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                for (DeleteFile delete : deletes) {
                    if (DeleteKey.of(delete).equals(DeleteKey.of(vector))) {
                        return delete.copy();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException("Not committed: " + vector.location());
    }

    DeleteFile positionDeletes(Map<String, Set<Long>> doomed, PartitionSpec spec, @Nullable StructLike partition) {
        FileFormat format = formats.get();
        OrcShims.choose();
        var writer = new GenericFileWriterFactory.Builder(table)
                .deleteFileFormat(format)
                .build()
                .newPositionDeleteWriter(output(spec, partition, format), spec, partition);
        PositionDelete<Record> delete = PositionDelete.create();
        new TreeMap<>(doomed)
                .forEach((path, positions) -> positions.forEach(position -> writer.write(delete.set(path, position))));
        close(writer);
        return writer.toDeleteFile();
    }

    DeleteFile equalityDeletes(List<Record> keys, Schema columns, PartitionSpec spec, @Nullable StructLike partition) {
        FileFormat format = formats.get();
        OrcShims.choose();
        var writer = new GenericFileWriterFactory.Builder(table)
                .deleteFileFormat(format)
                .equalityFieldIds(columns.columns().stream()
                        .mapToInt(field -> field.fieldId())
                        .toArray())
                .equalityDeleteRowSchema(columns)
                .build()
                .newEqualityDeleteWriter(output(spec, partition, format), spec, partition);
        keys.forEach(writer::write);
        close(writer);
        return writer.toDeleteFile();
    }

    private EncryptedOutputFile output(PartitionSpec spec, @Nullable StructLike partition, FileFormat format) {
        OutputFileFactory outputs = OutputFileFactory.builderFor(table, 1, 1)
                .defaultSpec(spec)
                .format(format)
                .build();
        return spec.isUnpartitioned() ? outputs.newOutputFile() : outputs.newOutputFile(spec, partition);
    }

    private static void close(Closeable writer) {
        try (writer) {
            // Closed in any case.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
