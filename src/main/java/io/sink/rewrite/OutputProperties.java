package io.sink.rewrite;

import io.sink.rows.GroupInput;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.util.PropertyUtil;

/** Properties that a rewrite of a group sets for its writers in addition to the table's, by the same names. */
final class OutputProperties {
    /** Bytes held in memory of an Avro file while it is written: more than a block of Avro's usual size. */
    private static final long AVRO_BLOCK = 1 << 20;

    private OutputProperties() {}

    /**
     * The properties for one group: a row group or stripe size that fits in memory, and a codec if the table sets none.
     */
    static Map<String, String> of(Attempt attempt, FileGroup group) {
        Table table = attempt.table();
        Map<String, String> properties = new HashMap<>(codec(table, group, attempt.footers()));
        String size = Long.toString(Math.min(rowGroupSize(table), attempt.rowGroupSize()));
        switch (OutputFormat.of(table)) {
            case ORC -> properties.put(TableProperties.ORC_STRIPE_SIZE_BYTES, size);
            case PARQUET -> {
                properties.put(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, size);
                properties.putAll(BloomFilters.withheld(table));
            }
            default -> {}
        }
        return properties;
    }

    /** The table's target size of a row group, stripe or block, in bytes. */
    static long rowGroupSize(Table table) {
        return switch (OutputFormat.of(table)) {
            case ORC ->
                PropertyUtil.propertyAsLong(
                        table.properties(),
                        TableProperties.ORC_STRIPE_SIZE_BYTES,
                        TableProperties.ORC_STRIPE_SIZE_BYTES_DEFAULT);
            case AVRO -> AVRO_BLOCK;
            default ->
                PropertyUtil.propertyAsLong(
                        table.properties(),
                        TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
                        TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES_DEFAULT);
        };
    }

    /**
     * The codec if the table sets none: that of the first input in the same format that has rows and a codec that can
     * be written. By itself Iceberg would use gzip or zstd, whatever the table's writers chose. Without such an input
     * Parquet gets zstd, as in new tables of Iceberg.
     */
    private static Map<String, String> codec(Table table, FileGroup group, Footers footers) {
        FileFormat format = OutputFormat.of(table);
        String property = switch (format) {
            case ORC -> TableProperties.ORC_COMPRESSION;
            case AVRO -> TableProperties.AVRO_COMPRESSION;
            default -> TableProperties.PARQUET_COMPRESSION;
        };
        if (table.properties().containsKey(property)) {
            return Map.of();
        }
        for (GroupInput input : group.inputs()) {
            if (input.data().format() == format && input.data().recordCount() > 0) {
                Optional<String> codec = codec(table.io().newInputFile(input.data()), format, footers);
                if (codec.isPresent()) {
                    return Map.of(property, codec.get());
                }
            }
        }
        return format != FileFormat.PARQUET
                ? Map.of()
                : Map.of(property, TableProperties.PARQUET_COMPRESSION_DEFAULT_SINCE_1_4_0);
    }

    private static Optional<String> codec(InputFile file, FileFormat format, Footers footers) {
        return switch (format) {
            case ORC -> Optional.of(OrcHead.read(file).codec());
            case AVRO -> AvroHead.read(file).written();
            default ->
                FooterCheck.codec(footers.of(file))
                        .map(name -> name.name().toLowerCase(Locale.ROOT))
                        .filter(Support::isWritten);
        };
    }
}
