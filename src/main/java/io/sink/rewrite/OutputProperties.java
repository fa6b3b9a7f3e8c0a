package io.sink.rewrite;

import io.sink.rows.GroupInput;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.util.PropertyUtil;

/** What a rewrite of a group sets for its writers beside the table's own properties, under the same names. */
final class OutputProperties {
    private OutputProperties() {}

    /** The properties for one group: a row group that fits in memory, and the codec where the table names none. */
    static Map<String, String> of(Attempt attempt, FileGroup group) {
        Map<String, String> properties = new HashMap<>(codec(attempt.table(), group, attempt.footers()));
        properties.put(
                TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
                Long.toString(Math.min(rowGroupSize(attempt.table()), attempt.rowGroupSize())));
        return properties;
    }

    /** Bytes of a row group as the table wants them. */
    static long rowGroupSize(Table table) {
        return PropertyUtil.propertyAsLong(
                table.properties(),
                TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
                TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES_DEFAULT);
    }

    /**
     * The codec of the first input that has rows, where the table names none: Iceberg would take gzip, or zstd,
     * whatever the table's writers chose.
     */
    private static Map<String, String> codec(Table table, FileGroup group, Footers footers) {
        if (table.properties().containsKey(TableProperties.PARQUET_COMPRESSION)) {
            return Map.of();
        }
        for (GroupInput input : group.inputs()) {
            DataFile file = input.data();
            Optional<String> codec = FooterCheck.codec(footers.of(table.io().newInputFile(file)))
                    .map(name -> name.name().toLowerCase(Locale.ROOT));
            if (codec.isPresent()) {
                return Map.of(TableProperties.PARQUET_COMPRESSION, codec.get());
            }
        }
        return Map.of();
    }
}
