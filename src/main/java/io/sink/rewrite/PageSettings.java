package io.sink.rewrite;

import static org.apache.iceberg.TableProperties.PARQUET_BLOOM_FILTER_ADAPTIVE_ENABLED;
import static org.apache.iceberg.TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX;
import static org.apache.iceberg.TableProperties.PARQUET_BLOOM_FILTER_COLUMN_FPP_PREFIX;
import static org.apache.iceberg.TableProperties.PARQUET_BLOOM_FILTER_COLUMN_NDV_PREFIX;
import static org.apache.iceberg.TableProperties.PARQUET_BLOOM_FILTER_MAX_BYTES;
import static org.apache.iceberg.TableProperties.PARQUET_BLOOM_FILTER_MAX_BYTES_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX;
import static org.apache.iceberg.TableProperties.PARQUET_COMPRESSION;
import static org.apache.iceberg.TableProperties.PARQUET_COMPRESSION_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_COMPRESSION_LEVEL;
import static org.apache.iceberg.TableProperties.PARQUET_DICT_ENCODING_ENABLED_COLUMN_PREFIX;
import static org.apache.iceberg.TableProperties.PARQUET_DICT_SIZE_BYTES;
import static org.apache.iceberg.TableProperties.PARQUET_DICT_SIZE_BYTES_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_PAGE_ROW_LIMIT;
import static org.apache.iceberg.TableProperties.PARQUET_PAGE_ROW_LIMIT_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_PAGE_SIZE_BYTES;
import static org.apache.iceberg.TableProperties.PARQUET_PAGE_SIZE_BYTES_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_PAGE_VERSION;
import static org.apache.iceberg.TableProperties.PARQUET_PAGE_VERSION_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_ROW_GROUP_CHECK_MAX_RECORD_COUNT;
import static org.apache.iceberg.TableProperties.PARQUET_ROW_GROUP_CHECK_MAX_RECORD_COUNT_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT;
import static org.apache.iceberg.TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT_DEFAULT;
import static org.apache.iceberg.TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES;
import static org.apache.iceberg.TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES_DEFAULT;

import io.sink.pages.WriteSettings;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;

/**
 * The table's {@code write.parquet.*} properties in Parquet's terms, read as Iceberg's own writer reads them.
 *
 * @param settings codec and page settings
 * @param rowGroupSize target size of a row group, in bytes
 */
record PageSettings(WriteSettings settings, long rowGroupSize) {
    static PageSettings of(Attempt attempt, FileGroup group, Schema rows, MessageType schema) {
        Map<String, String> properties = new HashMap<>(attempt.table().properties());
        properties.putAll(OutputProperties.of(attempt, group));
        WriterVersion version = version(properties.getOrDefault(PARQUET_PAGE_VERSION, PARQUET_PAGE_VERSION_DEFAULT));
        ParquetProperties.Builder builder = ParquetProperties.builder()
                .withValuesWriterFactory(WriteSettings.valuesWriters(version))
                .withWriterVersion(version)
                .withPageSize(number(properties, PARQUET_PAGE_SIZE_BYTES, PARQUET_PAGE_SIZE_BYTES_DEFAULT))
                .withPageRowCountLimit(number(properties, PARQUET_PAGE_ROW_LIMIT, PARQUET_PAGE_ROW_LIMIT_DEFAULT))
                .withDictionaryEncoding(
                        PropertyUtil.propertyAsBoolean(properties, ParquetOutputFormat.ENABLE_DICTIONARY, true))
                .withDictionaryPageSize(number(properties, PARQUET_DICT_SIZE_BYTES, PARQUET_DICT_SIZE_BYTES_DEFAULT))
                .withMinRowCountForPageSizeCheck(number(
                        properties,
                        PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT,
                        PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT_DEFAULT))
                .withMaxRowCountForPageSizeCheck(number(
                        properties,
                        PARQUET_ROW_GROUP_CHECK_MAX_RECORD_COUNT,
                        PARQUET_ROW_GROUP_CHECK_MAX_RECORD_COUNT_DEFAULT))
                .withMaxBloomFilterBytes(
                        number(properties, PARQUET_BLOOM_FILTER_MAX_BYTES, PARQUET_BLOOM_FILTER_MAX_BYTES_DEFAULT))
                .withAdaptiveBloomFilterEnabled(
                        PropertyUtil.propertyAsBoolean(properties, PARQUET_BLOOM_FILTER_ADAPTIVE_ENABLED, false));
        for (ColumnDescriptor column : schema.getColumns()) {
            String name = rows.findColumnName(column.getPrimitiveType().getId().intValue());
            String path = String.join(".", column.getPath());
            if (name != null) {
                byColumn(builder, properties, name, path);
            }
        }
        String codec = properties.getOrDefault(PARQUET_COMPRESSION, PARQUET_COMPRESSION_DEFAULT);
        return new PageSettings(
                new WriteSettings(
                        CompressionCodecName.valueOf(codec.toUpperCase(Locale.ROOT)),
                        properties.get(PARQUET_COMPRESSION_LEVEL),
                        builder.build()),
                number(properties, PARQUET_ROW_GROUP_SIZE_BYTES, PARQUET_ROW_GROUP_SIZE_BYTES_DEFAULT));
    }

    private static void byColumn(
            ParquetProperties.Builder builder, Map<String, String> properties, String name, String path) {
        set(properties, PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + name, value -> {
            builder.withBloomFilterEnabled(path, Boolean.parseBoolean(value));
            set(
                    properties,
                    PARQUET_BLOOM_FILTER_COLUMN_FPP_PREFIX + name,
                    fpp -> builder.withBloomFilterFPP(path, Double.parseDouble(fpp)));
            set(
                    properties,
                    PARQUET_BLOOM_FILTER_COLUMN_NDV_PREFIX + name,
                    ndv -> builder.withBloomFilterNDV(path, Long.parseLong(ndv)));
        });
        set(
                properties,
                PARQUET_COLUMN_STATS_ENABLED_PREFIX + name,
                value -> builder.withStatisticsEnabled(path, Boolean.parseBoolean(value)));
        set(
                properties,
                PARQUET_DICT_ENCODING_ENABLED_COLUMN_PREFIX + name,
                value -> builder.withDictionaryEncoding(path, Boolean.parseBoolean(value)));
    }

    private static void set(Map<String, String> properties, String key, Consumer<String> setting) {
        String value = properties.get(key);
        if (value != null) {
            setting.accept(value);
        }
    }

    private static int number(Map<String, String> properties, String key, int otherwise) {
        return PropertyUtil.propertyAsInt(properties, key, otherwise);
    }

    private static WriterVersion version(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "v2", "parquet_2_0" -> WriterVersion.PARQUET_2_0;
            default -> WriterVersion.PARQUET_1_0;
        };
    }
}
