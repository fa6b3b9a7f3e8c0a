package io.sink.compact;

import java.util.List;
import java.util.Random;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.types.Types;

/**
 * How the next files of a table are laid out: codecs, pages of both versions and of any size, several row groups, with
 * dictionaries or without or with small ones, statistics and bloom filters here and there. Pages of the second version
 * come in the delta encodings, dictionaries apart.
 */
public final class AnyLayout {
    private static final List<String> CODECS = List.of("zstd", "snappy", "gzip", "uncompressed");

    private final Random random;

    public AnyLayout(Random random) {
        this.random = random;
    }

    /** Changes the layout, by the properties that Iceberg's writers obey; a rewrite obeys the last ones, too. */
    public void change(Table table) {
        // A megabyte of filter for each row group, otherwise.
        UpdateProperties update = table.updateProperties().set(TableProperties.PARQUET_BLOOM_FILTER_MAX_BYTES, "64");
        one(update, TableProperties.PARQUET_COMPRESSION, CODECS.get(random.nextInt(CODECS.size())));
        one(update, TableProperties.PARQUET_PAGE_VERSION, random.nextBoolean() ? "v1" : "v2");
        one(update, TableProperties.PARQUET_PAGE_ROW_LIMIT, Integer.toString(1 + random.nextInt(20)));
        one(update, TableProperties.PARQUET_DICT_SIZE_BYTES, Integer.toString(64 + random.nextInt(60)));
        one(update, TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, Integer.toString(100 + random.nextInt(2000)));
        one(update, TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT, "1");
        one(update, "parquet.enable.dictionary", random.nextBoolean() ? "true" : "false");
        for (Types.NestedField field : table.schema().columns()) {
            if (field.type().isPrimitiveType()) {
                String name = field.name();
                one(update, TableProperties.PARQUET_DICT_ENCODING_ENABLED_COLUMN_PREFIX + name, "false");
                if (random.nextInt(3) == 0) {
                    one(update, TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX + name, "false");
                    one(update, TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + name, "true");
                }
            }
        }
        update.commit();
    }

    private void one(UpdateProperties update, String key, String value) {
        switch (random.nextInt(3)) {
            case 0 -> update.set(key, value);
            case 1 -> update.remove(key);
            default -> {}
        }
    }
}
