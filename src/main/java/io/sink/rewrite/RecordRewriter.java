package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.rows.LeafNulls;
import io.sink.rows.LiveRows;
import io.sink.rows.RowFiles;
import io.sink.table.DamagedFileException;
import io.sink.table.OrcShims;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.RegistryBasedFileWriterFactory;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a group record by record: allowed for everything that {@link Support} does not refuse.
 *
 * <p>Rows keep their lineage and the order of their files. If the table has a sort order or the rows are partitioned
 * anew, they are sorted instead, in bounded memory.
 */
public final class RecordRewriter implements GroupRewriter {
    static final String NAME = "record";

    private static final int PARTITION_ID = 0;
    private static final long MAX_SORT_BYTES = 64L << 20;

    private final Attempt attempt;
    private final Table table;
    private final FileFormat format;
    private final LiveRows rows;

    /** @param attempt the table, names and memory that it works with */
    public RecordRewriter(Attempt attempt) {
        this.attempt = attempt;
        this.table = attempt.table();
        this.format = OutputFormat.of(table);
        this.rows = new LiveRows(table, this::requireAll);
    }

    private void requireAll(DataFile file, long read, Map<Integer, Long> entries) {
        if (file.format() != FileFormat.PARQUET) {
            DamagedFileException.requireRows(file, read);
        } else if (!entries.isEmpty()) {
            requireEntries(file, entries);
        }
    }

    /**
     * Compares the entries that were read from a file with the counts in its footer: where a map repeats a key, Iceberg
     * reads only one entry.
     *
     * @throws LostEntriesException if fewer or more were read
     */
    private void requireEntries(DataFile file, Map<Integer, Long> read) {
        ParquetMetadata footer = attempt.footers().of(table.io().newInputFile(file));
        MessageType stored = PageFacts.fileSchema(table, footer);
        Map<Integer, Long> said = new HashMap<>();
        for (BlockMetaData rowGroup : footer.getBlocks()) {
            for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
                Type.ID id = stored.getType(chunk.getPath().toArray()).getId();
                if (id != null) {
                    said.merge(id.intValue(), chunk.getValueCount(), Long::sum);
                }
            }
        }
        said.forEach((id, entries) -> {
            long found = read.getOrDefault(id, entries);
            if (found != entries) {
                throw new LostEntriesException(file.location(), rows.schema().findColumnName(id), entries, found);
            }
        });
    }

    @Override
    public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
        Progress progress = new Progress(group.records());
        try (GroupOutput output = output(group, staging, progress)) {
            Consumer<Record> look = look(group);
            RowOrder order = new RowOrder(table, group, rows.schema());
            LeafNulls nulls = new LeafNulls(rows.schema());
            LiveRows.Count count = order.any()
                    ? copy(group, output, look.andThen(nulls::add), progress, stop)
                    : sort(group, order, output, look.andThen(nulls::add), progress, stop);
            return new RewriteResult(output.finish(), count.read(), count.dropped(), nulls.counts());
        }
    }

    /** The check of each row for values that a format would change. */
    private Consumer<Record> look(FileGroup group) {
        boolean orc = group.dataFiles().stream().anyMatch(file -> file.format() == FileFormat.ORC);
        return new LostValues(rows.schema(), orc, format)::check;
    }

    private LiveRows.Count copy(
            FileGroup group, GroupOutput output, Consumer<Record> look, Progress progress, StopSignal stop) {
        StructLike partition = partition(group);
        // A row may not be reused: ORC's writer keeps byte arrays until its batch is full, and Avro's reader overwrites
        // them with the next row.
        boolean reuse = format == FileFormat.PARQUET
                && group.dataFiles().stream().allMatch(file -> file.format() == FileFormat.PARQUET);
        return rows.read(group.inputs(), reuse, stop, row -> {
            look.accept(row);
            output.write(row, partition);
            progress.left--;
        });
    }

    private LiveRows.Count sort(
            FileGroup group,
            RowOrder order,
            GroupOutput output,
            Consumer<Record> look,
            Progress progress,
            StopSignal stop) {
        StructLike partition = partition(group);
        try (RowSorter sorter = new RowSorter(
                rows.schema(),
                order,
                Math.min(MAX_SORT_BYTES, attempt.memory() / 4),
                Path.of(System.getProperty("java.io.tmpdir")),
                stop)) {
            LiveRows.Count count = rows.read(group.inputs(), false, stop, row -> {
                look.accept(row);
                sorter.add(row);
            });
            progress.left = sorter.rows();
            sorter.drain(placed -> {
                output.write(placed.row(), placed.partition() == null ? partition : placed.partition());
                progress.left--;
            });
            return count;
        }
    }

    /** The most rows that are still to be written. */
    private static final class Progress {
        long left;

        Progress(long left) {
            this.left = left;
        }
    }

    /** The one partition of all inputs; null if rows are partitioned anew. */
    private static @Nullable StructLike partition(FileGroup group) {
        return group.repartition() ? null : group.inputs().get(0).data().partition();
    }

    private GroupOutput output(FileGroup group, Staging staging, Progress progress) {
        PartitionSpec spec = RowFiles.spec(table, group.specId());
        OutputFileFactory locations = OutputFileFactory.builderFor(table, PARTITION_ID, group.index())
                .defaultSpec(spec)
                .operationId(attempt.operationId())
                .format(format)
                .build();
        return new GroupOutput(
                group,
                format,
                spec,
                writers(group, rows.schema()),
                locations,
                staging,
                rows.schema().idToName().size(),
                () -> progress.left);
    }

    private FileWriterFactory<Record> writers(FileGroup group, Schema schema) {
        OrcShims.choose();
        SortOrder order = table.sortOrder().isSorted() ? table.sortOrder() : null;
        return new Writers(table, format, schema, order, OutputProperties.of(attempt, group));
    }

    private static final class Writers extends RegistryBasedFileWriterFactory<Record, Schema> {
        private static final long serialVersionUID = 1L;

        Writers(
                Table table,
                FileFormat format,
                Schema schema,
                @Nullable SortOrder order,
                Map<String, String> properties) {
            super(
                    table,
                    format,
                    format == FileFormat.PARQUET ? ExactParquet.records(schema) : Record.class,
                    schema,
                    order,
                    format,
                    null,
                    null,
                    null,
                    properties,
                    null,
                    null);
        }
    }
}
