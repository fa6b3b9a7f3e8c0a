package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.compact.TestFiles;
import io.sink.rows.LeafNulls;
import io.sink.rows.LiveRows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;

/** Writes something else than it read, and says that all is well. */
public record BrokenRewriter(Table table, UnaryOperator<List<Record>> fault) implements GroupRewriter {
    @Override
    public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
        LiveRows rows = new LiveRows(table);
        LeafNulls nulls = new LeafNulls(rows.schema());
        List<Record> live = new ArrayList<>();
        LiveRows.Count count = rows.read(group.inputs(), false, stop, row -> {
            nulls.add(row);
            live.add(row);
        });
        return new RewriteResult(
                List.of(new TestFiles(table).data(fault.apply(live), null)),
                count.read(),
                count.dropped(),
                nulls.counts());
    }
}
