package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.pages.Buffers;
import io.sink.rows.DroppedRows;
import io.sink.rows.GroupInput;
import io.sink.rows.RowFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFileFactory;

/**
 * Merges the row groups of a group's files into few large ones without reading rows. Pages are copied and dictionaries
 * merged; only the rest is copied value by value, column by column.
 *
 * <p>Allowed for groups whose {@link FileGroup#notByPage} is null. Rows keep the order of their files, so outputs claim
 * no sort order.
 *
 * @ref LLP 0011#choice
 */
public final class PageRewriter implements GroupRewriter {
    private static final int PARTITION_ID = 0;

    static final String NAME = "page-merge";

    private final Attempt attempt;

    /** @param attempt the table, names and memory that it works with */
    public PageRewriter(Attempt attempt) {
        this.attempt = attempt;
    }

    @Override
    public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
        Table table = attempt.table();
        PartitionSpec spec = RowFiles.spec(table, group.specId());
        OutputFileFactory locations = OutputFileFactory.builderFor(table, PARTITION_ID, group.index())
                .defaultSpec(spec)
                .operationId(attempt.operationId())
                .format(FileFormat.PARQUET)
                .build();
        DroppedRows deletes = new DroppedRows(table, group.inputs());
        Buffers buffers = new Buffers(attempt.memory());
        try (PageOutput output = new PageOutput(attempt, group, spec, locations, staging, stop, buffers);
                ReadAhead ahead = new ReadAhead(table.io(), group.inputs(), attempt.footers(), buffers)) {
            for (GroupInput input : group.inputs()) {
                stop.check();
                // The output closes it once the last row group with data of this input is written.
                SourceBytes bytes = output.reading(ahead.next());
                output.add(input, bytes, deletes.of(input, stop));
            }
            return output.finish();
        }
    }
}
