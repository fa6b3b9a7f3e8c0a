package io.sink.rewrite;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.Comparators;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows into files of about the target size, one file at a time: rows must come partition by partition.
 *
 * <p>Iceberg's rolling writer closes a file by its estimated length, which counts pages that are not encoded yet. That
 * leaves files under 75 % of a small target, and a remainder of any size. Here the bytes of a row are taken from the
 * files already closed, and the remaining rows are divided evenly.
 */
final class GroupOutput implements Closeable {
    private static final int LOOK_EVERY = 1024;
    /** Times the target size at which a file is closed, whatever number of rows was expected. */
    private static final double CUT_AT = 1.7;

    /** Bytes of a column that wait to be encoded until a page is full: Iceberg's default page size. */
    private static final int UNENCODED = 1 << 20;

    private final FileGroup group;
    private final PartitionSpec spec;
    private final FileWriterFactory<Record> writers;
    private final OutputFileFactory locations;
    private final Staging staging;
    private final LongSupplier rowsLeft;
    private final Comparator<StructLike> samePartition;
    private final List<DataFile> files = new ArrayList<>();
    /** By how much the length of an open file is too high, for pages not encoded yet; known once a file is closed. */
    private long overestimate;

    private long rowsClosed;
    /** Whether the expected bytes of a row still come from inputs in another format. */
    private boolean guessed;

    private @Nullable DataWriter<Record> open;
    private @Nullable StructLike openPartition;
    private long rowsOpen;
    private long rowsWanted;

    /**
     * @param format the format of the files to write
     * @param spec the group's spec
     * @param staging told of every file before it is created
     * @param columns number of leaf columns of a row
     * @param rowsLeft the most rows that are still to come, the one about to be written included
     */
    GroupOutput(
            FileGroup group,
            FileFormat format,
            PartitionSpec spec,
            FileWriterFactory<Record> writers,
            OutputFileFactory locations,
            Staging staging,
            int columns,
            LongSupplier rowsLeft) {
        this.group = group;
        this.spec = spec;
        this.samePartition = Comparators.forType(spec.partitionType());
        this.writers = writers;
        this.locations = locations;
        this.staging = staging;
        this.rowsLeft = rowsLeft;
        this.guessed = group.dataFiles().stream().anyMatch(file -> file.format() != format);
        this.overestimate = (long) columns * UNENCODED;
    }

    /**
     * Writes one row.
     *
     * @param partition the row's partition; ignored if the spec is unpartitioned
     */
    void write(Record row, @Nullable StructLike partition) {
        DataWriter<Record> writer = open;
        if (writer != null && (full(writer) || !samePartition(partition))) {
            closeFile();
            writer = null;
        }
        if (writer == null) {
            writer = openFile(partition);
        }
        writer.write(row);
        rowsOpen++;
    }

    /** Closes the last file and returns all files that were written. */
    List<DataFile> finish() {
        closeFile();
        return List.copyOf(files);
    }

    /** Closes a file that is still open after a failure; it was announced and stays, for its owner to delete. */
    @Override
    public void close() {
        DataWriter<Record> writer = open;
        open = null;
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException | RuntimeException e) {
                // The earlier failure is the one to report.
            }
        }
    }

    private boolean full(DataWriter<Record> writer) {
        if (rowsOpen >= rowsWanted && guessed) {
            // Inputs in another format do not tell how many bytes a row takes in this one.
            rowsWanted = OutputSize.rowsOfNextFile(
                    rowsOpen + Math.max(1, rowsLeft.getAsLong()),
                    (double) writer.length() / rowsOpen,
                    group.targetFileSizeBytes());
        }
        return rowsOpen >= rowsWanted
                || (rowsOpen % LOOK_EVERY == 0
                        && writer.length() - overestimate >= CUT_AT * group.targetFileSizeBytes());
    }

    private boolean samePartition(@Nullable StructLike partition) {
        return spec.isUnpartitioned()
                || partition == openPartition
                || (partition != null && openPartition != null && samePartition.compare(partition, openPartition) == 0);
    }

    private DataWriter<Record> openFile(@Nullable StructLike partition) {
        boolean partitioned = spec.isPartitioned() && partition != null;
        EncryptedOutputFile file = partitioned ? locations.newOutputFile(spec, partition) : locations.newOutputFile();
        staging.announce(file.encryptingOutputFile().location());
        DataWriter<Record> writer = writers.newDataWriter(file, spec, partitioned ? partition : null);
        open = writer;
        openPartition = partition;
        rowsOpen = 0;
        rowsWanted = OutputSize.rowsOfNextFile(
                Math.max(1, rowsLeft.getAsLong()), bytesPerRow(), group.targetFileSizeBytes());
        return writer;
    }

    private double bytesPerRow() {
        return rowsClosed > 0
                ? (double) files.stream().mapToLong(DataFile::fileSizeInBytes).sum() / rowsClosed
                : (double) group.dataBytes() / Math.max(1, group.records());
    }

    private void closeFile() {
        DataWriter<Record> writer = open;
        if (writer == null) {
            return;
        }
        open = null;
        long estimate = writer.length();
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        DataFile file = writer.toDataFile();
        files.add(file);
        guessed = false;
        overestimate = Math.max(0, estimate - file.fileSizeInBytes());
        rowsClosed += file.recordCount();
    }
}
