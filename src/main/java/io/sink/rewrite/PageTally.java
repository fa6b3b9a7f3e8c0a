package io.sink.rewrite;

import io.sink.pages.MergedFile;
import io.sink.pages.Share;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.parquet.schema.MessageType;

/** Counts what a merge of pages reads and writes. */
final class PageTally {
    /** The field id of each leaf column, in the order of the schema. */
    private final List<Integer> ids;

    private final List<DataFile> files = new ArrayList<>();
    private final Map<Integer, Long> nulls = new HashMap<>();
    private final Map<Share, Long> shares = new EnumMap<>(Share.class);
    private long rowsRead;
    private long rowsDropped;

    /** @param schema the schema of the files to be written */
    PageTally(MessageType schema) {
        this.ids = schema.getColumns().stream()
                .map(column -> column.getPrimitiveType().getId().intValue())
                .toList();
        ids.forEach(id -> nulls.put(id, 0L));
    }

    void read(long rows, long dropped) {
        rowsRead += rows;
        rowsDropped += dropped;
    }

    /** Rows read so far, deleted ones included. */
    long rowsRead() {
        return rowsRead;
    }

    void written(MergedFile merged, DataFile file) {
        for (int i = 0; i < ids.size(); i++) {
            nulls.merge(ids.get(i), merged.leaves().get(i).nulls(), Long::sum);
        }
        merged.shares().forEach((share, bytes) -> shares.merge(share, bytes, Long::sum));
        files.add(file);
    }

    RewriteResult result() {
        return new RewriteResult(files, rowsRead, rowsDropped, nulls, shares, null);
    }
}
