package io.sink.pages;

import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.values.factory.DefaultV1ValuesWriterFactory;
import org.apache.parquet.column.values.factory.DefaultV2ValuesWriterFactory;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * How an output is written.
 *
 * @param codec of every page
 * @param codecLevel of the codec; null: its own
 * @param properties page and dictionary sizes, page version, bloom filters and other settings by column
 */
public record WriteSettings(
        CompressionCodecName codec, @Nullable String codecLevel, ParquetProperties properties) {
    /**
     * Makes the writers of values for properties that are about to be built. The one that Parquet has by default keeps
     * the properties that were built last anywhere in the process, by whichever thread.
     */
    public static ValuesWriterFactory valuesWriters(WriterVersion version) {
        return new ExactWriters(
                version == WriterVersion.PARQUET_1_0
                        ? new DefaultV1ValuesWriterFactory()
                        : new DefaultV2ValuesWriterFactory());
    }
}
