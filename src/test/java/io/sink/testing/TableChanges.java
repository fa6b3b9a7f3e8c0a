package io.sink.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.DVFileWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.jspecify.annotations.Nullable;

/** Commits of every kind to one table, through Iceberg's own writers. */
public final class TableChanges {
    private final Table table;

    public TableChanges(Table table) {
        this.table = table;
    }

    /** Appends the records in one snapshot, one file for each partition of the current spec. */
    public List<DataFile> append(List<Record> records) throws IOException {
        PartitionKey key = new PartitionKey(table.spec(), table.schema());
        InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
        Map<PartitionKey, List<Record>> byPartition = new LinkedHashMap<>();
        for (Record record : records) {
            key.partition(wrapper.wrap(record));
            byPartition.computeIfAbsent(key.copy(), any -> new ArrayList<>()).add(record);
        }
        List<DataFile> files = new ArrayList<>();
        AppendFiles append = table.newFastAppend();
        for (Map.Entry<PartitionKey, List<Record>> partition : byPartition.entrySet()) {
            DataFile file = write(partition.getValue(), table.schema(), table.spec(), partition.getKey());
            files.add(file);
            append.appendFile(file);
        }
        append.commit();
        return files;
    }

    /** Writes a file and commits nothing. */
    public DataFile write(List<Record> records, Schema schema, PartitionSpec spec, @Nullable StructLike partition)
            throws IOException {
        DataWriter<Record> writer = new GenericFileWriterFactory.Builder(table)
                .dataSchema(schema)
                .build()
                .newDataWriter(output(spec, partition), spec, partition);
        try (writer) {
            records.forEach(writer::write);
        }
        return writer.toDataFile();
    }

    /** Deletes rows by position: with a deletion vector from format version 3 on, with a delete file before. */
    public DeleteFile deletePositions(DataFile file, long... positions) throws IOException {
        DeleteFile deletes = writePositionDeletes(List.of(file), positions).get(0);
        table.newRowDelta().addDeletes(deletes).commit();
        return deletes;
    }

    /**
     * Writes what deletes these positions in each of the files, and commits nothing: vectors in one puffin file from
     * format version 3 on, one delete file before.
     */
    public List<DeleteFile> writePositionDeletes(List<DataFile> files, long... positions) throws IOException {
        return TableUtil.formatVersion(table) >= 3
                ? vectors(files, positions)
                : List.of(positionDeletes(files, spec(files.get(0).specId()), positions));
    }

    private List<DeleteFile> vectors(List<DataFile> files, long... positions) throws IOException {
        OutputFileFactory outputs = OutputFileFactory.builderFor(table, 1, 1)
                .format(FileFormat.PUFFIN)
                .build();
        DVFileWriter writer = new BaseDVFileWriter(outputs, path -> null);
        try (writer) {
            for (DataFile file : files) {
                for (long position : positions) {
                    writer.delete(file.location(), position, spec(file.specId()), file.partition());
                }
            }
        }
        return writer.result().deleteFiles();
    }

    private DeleteFile positionDeletes(List<DataFile> files, PartitionSpec spec, long... positions) throws IOException {
        StructLike partition = files.get(0).partition();
        PositionDeleteWriter<Record> writer = new GenericFileWriterFactory.Builder(table)
                .build()
                .newPositionDeleteWriter(output(spec, partition), spec, partition);
        PositionDelete<Record> delete = PositionDelete.create();
        try (writer) {
            for (String path : files.stream().map(DataFile::location).sorted().toList()) {
                for (long position : positions) {
                    writer.write(delete.set(path, position));
                }
            }
        }
        return writer.toDeleteFile();
    }

    /** Deletes the rows that equal one of {@code keys} in all its columns. */
    public void deleteEqual(List<Record> keys, Schema columns, PartitionSpec spec, @Nullable StructLike partition)
            throws IOException {
        table.newRowDelta()
                .addDeletes(writeEqualityDeletes(keys, columns, spec, partition))
                .commit();
    }

    /** Writes what deletes the rows that equal one of {@code keys}, and commits nothing. */
    public DeleteFile writeEqualityDeletes(
            List<Record> keys, Schema columns, PartitionSpec spec, @Nullable StructLike partition) throws IOException {
        int[] ids =
                columns.columns().stream().mapToInt(column -> column.fieldId()).toArray();
        EqualityDeleteWriter<Record> writer = new GenericFileWriterFactory.Builder(table)
                .equalityFieldIds(ids)
                .equalityDeleteRowSchema(columns)
                .build()
                .newEqualityDeleteWriter(output(spec, partition), spec, partition);
        try (writer) {
            keys.forEach(writer::write);
        }
        return writer.toDeleteFile();
    }

    /** The table's spec with this id. */
    PartitionSpec spec(int id) {
        return Objects.requireNonNull(table.specs().get(id));
    }

    private EncryptedOutputFile output(PartitionSpec spec, @Nullable StructLike partition) {
        OutputFileFactory outputs = OutputFileFactory.builderFor(table, 1, 1)
                .defaultSpec(spec)
                .format(FileFormat.PARQUET)
                .build();
        return spec.isUnpartitioned() ? outputs.newOutputFile() : outputs.newOutputFile(spec, partition);
    }
}
