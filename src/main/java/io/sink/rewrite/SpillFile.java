package io.sink.rewrite;

import io.sink.rows.RowFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Files;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;

/** A local file of rows in Parquet, the only format that is known to keep values of every type. */
final class SpillFile {
    private static final String ROW_GROUP_BYTES = Integer.toString(1 << 20);

    private SpillFile() {}

    /** Opens a new file for rows of this schema. */
    static Writer write(Path path, Schema schema) {
        try {
            return new Writer(FormatModelRegistry.<Record, Object>dataWriteBuilder(
                            FileFormat.PARQUET,
                            ExactParquet.records(schema),
                            EncryptedFiles.plainAsEncryptedOutput(Files.localOutput(path.toFile())))
                    .schema(schema)
                    .spec(PartitionSpec.unpartitioned())
                    .metricsConfig(MetricsConfig.getDefault())
                    .set(TableProperties.PARQUET_COMPRESSION, "snappy")
                    .set(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, ROW_GROUP_BYTES)
                    .set(TableProperties.PARQUET_PAGE_SIZE_BYTES, Integer.toString(1 << 16))
                    .overwrite()
                    .build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of a file, in the order in which they were written. */
    static CloseableIterable<Record> read(Path path, Schema schema) {
        return RowFiles.written(Files.localInput(path.toFile()), FileFormat.PARQUET, schema);
    }

    /** Writes rows to one file; it is complete after {@link #close}. */
    record Writer(DataWriter<Record> file) implements Closeable {
        void add(Record row) {
            file.write(row);
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
