package io.sink.rewrite;

import io.sink.rows.RowFiles;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;

/** The schemas of a table's Parquet files. Most files of a table have the same one, so each is examined once. */
final class FileSchemas {
    /** Different schemas that are kept at once. */
    private static final int KEPT = 100;

    private final Table table;
    private final Schema rows;
    private final MessageType output;
    private final Map<MessageType, FileSchema> known = new ConcurrentHashMap<>();

    FileSchemas(Table table) {
        this.table = table;
        this.rows = RowFiles.schema(table);
        this.output = PageFacts.outputSchema(rows);
    }

    /** The columns that a rewrite reads and writes. */
    Schema rows() {
        return rows;
    }

    /** The schema of the files to be written. */
    MessageType output() {
        return output;
    }

    /** The schema of the file with this footer. */
    FileSchema of(ParquetMetadata footer) {
        MessageType own = footer.getFileMetaData().getSchema();
        FileSchema schema = known.get(own);
        if (schema == null) {
            if (known.size() >= KEPT) {
                known.clear();
            }
            schema = new FileSchema(table, rows, output, PageFacts.fileSchema(table, footer));
            known.put(own, schema);
        }
        return schema;
    }
}
