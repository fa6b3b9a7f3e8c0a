package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.pages.Buffers;
import io.sink.pages.SourceFile;
import io.sink.rows.DroppedRows;
import io.sink.rows.GroupInput;
import io.sink.rows.RowFiles;
import java.util.UUID;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/**
 * Merges the row groups of a group's files into few large ones without reading rows: pages are copied, dictionaries
 * merged, and only what is left is moved value by value, column by column.
 *
 * <p>Legal for groups of which {@link FileGroup#notByPage} says nothing. Rows keep the order of their files, so that an
 * output claims no sort order.
 *
 * @ref LLP 0011#choice
 */
public final class PageRewriter implements GroupRewriter {
    private static final int PARTITION_ID = 0;

    private final Table table;
    private final String operationId;
    private final Footers footers;

    /**
     * @param table as it was planned; its properties say how files are written and where
     * @param runId goes into the name of every file written, beside something that no other rewrite has
     * @param footers that were read before
     */
    public PageRewriter(Table table, String runId, Footers footers) {
        this.table = table;
        this.footers = footers;
        this.operationId = runId + "-" + UUID.randomUUID();
    }

    /** Bytes that one column chunk of an input may have: two at a time are held in memory, beside their outputs. */
    static long maxChunkBytes() {
        return Math.min(Integer.MAX_VALUE / 2, Runtime.getRuntime().maxMemory() / 8);
    }

    @Override
    public String name() {
        return "page-merge";
    }

    @Override
    public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
        PartitionSpec spec = RowFiles.spec(table, group.specId());
        OutputFileFactory locations = OutputFileFactory.builderFor(table, PARTITION_ID, group.index())
                .defaultSpec(spec)
                .operationId(operationId)
                .format(FileFormat.PARQUET)
                .build();
        DroppedRows deletes = new DroppedRows(table, group.inputs());
        Buffers buffers = new Buffers(Runtime.getRuntime().maxMemory() / 8);
        try (PageOutput output = new PageOutput(table, group, spec, locations, staging, stop, footers, buffers);
                ReadAhead ahead = new ReadAhead(table.io(), group.inputs(), footers, buffers)) {
            for (GroupInput input : group.inputs()) {
                stop.check();
                // Closed by the output, once the last row group that it goes into is written.
                SourceBytes bytes = output.reading(ahead.next());
                ParquetMetadata footer = bytes.footer();
                output.add(input.data(), footer, new SourceFile(bytes, footer), deletes.of(input, stop));
            }
            return output.finish();
        }
    }
}
