package io.sink.rewrite;

import io.sink.rows.GroupInput;
import io.sink.table.DeleteKey;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/**
 * Data files that are rewritten together by one task: the unit that is sent to an engine.
 *
 * @param index the group's number in its plan, from 1; part of the names of the files it writes
 * @param specId the partition spec of the files to write
 * @param repartition true if inputs are of other specs, so that each row's partition is computed from the row; false if
 *     all inputs are of {@code specId} and of one partition, which the outputs keep
 * @param inputs the files to rewrite, in the order in which their rows are read
 * @param targetFileSizeBytes target size of the files to write
 * @param expectedOutputs number of files that the rewrite should write; repartitioned groups may write more
 * @param notByPage why the files cannot be merged by their pages; null if they can
 * @param footprint sizes that the memory of the rewrite depends on
 */
public record FileGroup(
        int index,
        int specId,
        boolean repartition,
        List<GroupInput> inputs,
        long targetFileSizeBytes,
        int expectedOutputs,
        @Nullable String notByPage,
        Footprint footprint)
        implements Serializable {
    public FileGroup {
        inputs = List.copyOf(inputs);
    }

    /** A group whose footers have not been read, so that its rows must be read as records. */
    public FileGroup(
            int index,
            int specId,
            boolean repartition,
            List<GroupInput> inputs,
            long targetFileSizeBytes,
            int expectedOutputs) {
        this(
                index,
                specId,
                repartition,
                inputs,
                targetFileSizeBytes,
                expectedOutputs,
                "nothing is known of its footers",
                Footprint.UNKNOWN);
    }

    /** The same group, with what its footers say about its pages. */
    FileGroup with(@Nullable String whyNotByPage, Footprint sizes) {
        return new FileGroup(
                index, specId, repartition, inputs, targetFileSizeBytes, expectedOutputs, whyNotByPage, sizes);
    }

    /** Bytes that a rewrite reads: those of the data files, and of each delete file or deletion vector once. */
    public long bytesToRead() {
        return dataBytes() + deleteBytes(deletes().toList());
    }

    /** Bytes of the data files. */
    public long dataBytes() {
        return inputs.stream()
                .mapToLong(input -> input.data().fileSizeInBytes())
                .sum();
    }

    /** Rows of the data files according to their manifests, deleted ones included. */
    long records() {
        return inputs.stream().mapToLong(input -> input.data().recordCount()).sum();
    }

    /** The data files of the group. */
    public List<DataFile> dataFiles() {
        return inputs.stream().map(GroupInput::data).toList();
    }

    /** The delete files of every input in turn; one that applies to several inputs is repeated. */
    public Stream<DeleteFile> deletes() {
        return inputs.stream().flatMap(input -> input.deletes().stream());
    }

    /** The expected decrease in the number of data files. */
    public int filesRemoved() {
        return inputs.size() - expectedOutputs;
    }

    /** Bytes to read for these delete files, each counted once; of a deletion vector, its own length. */
    public static long deleteBytes(Collection<DeleteFile> deletes) {
        Set<DeleteKey> seen = new HashSet<>();
        return deletes.stream()
                .filter(delete -> seen.add(DeleteKey.of(delete)))
                .mapToLong(FileGroup::lengthOf)
                .sum();
    }

    private static long lengthOf(ContentFile<?> file) {
        Long length = file instanceof DeleteFile delete ? delete.contentSizeInBytes() : null;
        return length == null ? file.fileSizeInBytes() : length;
    }
}
