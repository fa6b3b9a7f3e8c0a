package lib;

import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.ImmutableGenericPartitionStatisticsFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;

/** A table of {@link PathTable#SCHEMA} that a service changes, one snapshot a call. */
public record LakeTable(Table table) {

    /** Appends one file of rows with these ids. */
    public LakeTable append(long... ids) throws IOException {
        table.newFastAppend().appendFile(file(ids)).commit();
        return this;
    }

    /** Appends to a branch. */
    public LakeTable appendTo(String branch, long... ids) throws IOException {
        table.newFastAppend().appendFile(file(ids)).toBranch(branch).commit();
        return this;
    }

    /** Stages an append that no ref points to, as write-audit-publish does. */
    public LakeTable stage(long... ids) throws IOException {
        table.newFastAppend().appendFile(file(ids)).stageOnly().commit();
        return this;
    }

    /** Replaces every row. */
    public LakeTable replace(long... ids) throws IOException {
        table.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(file(ids))
                .commit();
        return this;
    }

    /** Replaces every row, in one commit, by as many files of rows with these ids. */
    public LakeTable replaceByFiles(int files, long... ids) throws IOException {
        OverwriteFiles overwrite = table.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
        for (int file = 0; file < files; file++) {
            overwrite.addFile(file(ids));
        }
        overwrite.commit();
        return this;
    }

    /** Appends rows and deletes the first of them by position: by a deletion vector from format version 3 on. */
    public LakeTable appendAndDeleteFirst(long... ids) throws IOException {
        DataFile file = new TableChanges(table).append(rows(ids)).get(0);
        new TableChanges(table).deletePositions(file, 0);
        return this;
    }

    /** Deletes by an equality delete whoever has one of these ids. */
    public LakeTable deleteEqual(long... ids) throws IOException {
        List<Record> keys = Arrays.stream(ids)
                .mapToObj(id -> {
                    Record key = GenericRecord.create(table.schema().select("id"));
                    key.setField("id", id);
                    return key;
                })
                .toList();
        new TableChanges(table).deleteEqual(keys, table.schema().select("id"), table.spec(), null);
        return this;
    }

    /** Deletes by position in a file that is gone by then: the delete drops no row, and Iceberg keeps it. */
    public LakeTable deleteTooLate(long... ids) throws IOException {
        DataFile file = new TableChanges(table).append(rows(ids)).get(0);
        table.newDelete().deleteFile(file).commit();
        new TableChanges(table).deletePositions(file, 0);
        return this;
    }

    public LakeTable tag(String name) {
        table.manageSnapshots()
                .createTag(name, table.currentSnapshot().snapshotId())
                .commit();
        return this;
    }

    public LakeTable branch(String name) {
        table.manageSnapshots()
                .createBranch(name, table.currentSnapshot().snapshotId())
                .commit();
        return this;
    }

    /** Registers a statistics file and a partition statistics file for the current snapshot. */
    public LakeTable statistics() throws IOException {
        long id = table.currentSnapshot().snapshotId();
        Path metadata = Path.of(table.location()).resolve("metadata");
        Path statistics = metadata.resolve("stats-" + id + ".puffin");
        Path partitions = metadata.resolve("partition-stats-" + id + ".parquet");
        Files.writeString(statistics, "statistics of " + id);
        Files.writeString(partitions, "partition statistics of " + id);
        table.updateStatistics()
                .setStatistics(new GenericStatisticsFile(
                        id,
                        statistics.toString(),
                        Files.size(statistics),
                        10,
                        List.of(new GenericBlobMetadata("ndv", id, 1, List.of(1), Map.of()))))
                .commit();
        table.updatePartitionStatistics()
                .setPartitionStatistics(ImmutableGenericPartitionStatisticsFile.builder()
                        .snapshotId(id)
                        .path(partitions.toString())
                        .fileSizeInBytes(Files.size(partitions))
                        .build())
                .commit();
        return this;
    }

    private DataFile file(long... ids) throws IOException {
        return new TableChanges(table).write(rows(ids), table.schema(), table.spec(), null);
    }

    /** Rows with these ids. */
    public static List<Record> rows(long... ids) {
        return Arrays.stream(ids)
                .mapToObj(id -> {
                    Record row = GenericRecord.create(PathTable.SCHEMA);
                    row.setField("id", id);
                    row.setField("name", "name of " + id);
                    return row;
                })
                .toList();
    }
}
