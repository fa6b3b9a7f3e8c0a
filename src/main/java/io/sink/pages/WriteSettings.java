package io.sink.pages;

import org.apache.parquet.column.ParquetProperties;
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
        CompressionCodecName codec, @Nullable String codecLevel, ParquetProperties properties) {}
