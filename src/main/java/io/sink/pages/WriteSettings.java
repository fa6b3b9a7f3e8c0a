package io.sink.pages;

import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.values.factory.DefaultV1ValuesWriterFactory;
import org.apache.parquet.column.values.factory.DefaultV2ValuesWriterFactory;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Settings by which an output is written.
 *
 * @param codec the codec of every page
 * @param codecLevel the level of the codec; null for its default
 * @param properties page and dictionary sizes, page version, bloom filters and other settings by column
 */
public record WriteSettings(
        CompressionCodecName codec, @Nullable String codecLevel, ParquetProperties properties) {
    /**
     * The factory of value writers for properties that are about to be built. Parquet's default factory is shared, and
     * keeps the properties that any thread of the process built last.
     */
    public static ValuesWriterFactory valuesWriters(WriterVersion version) {
        return new ExactWriters(
                version == WriterVersion.PARQUET_1_0
                        ? new DefaultV1ValuesWriterFactory()
                        : new DefaultV2ValuesWriterFactory());
    }
}
