package io.sink.rewrite;

import io.sink.outcome.Reason;
import io.sink.table.DamagedFileException;
import io.sink.table.Failures;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.data.avro.PlannedDataReader;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMappingParser;
import org.jspecify.annotations.Nullable;

/**
 * What an Avro file says of itself before its first row.
 *
 * @param schema as it was written
 * @param codec in Avro's words
 * @param writersSchema the table's schema that its writer left in it, as JSON; null where it left none
 */
record AvroHead(Schema schema, String codec, @Nullable String writersSchema) {
    /** Memory for a block as it is stored. Nothing says how large one is; writers make them of 64 KB. */
    private static final long MOST_OF_BLOCK = 16L << 20;

    /**
     * Reads it from the beginning of the file.
     *
     * @throws DamagedFileException if it is no Avro file
     */
    static AvroHead read(InputFile file) {
        try (DataFileStream<Object> stream = new DataFileStream<>(file.newStream(), new GenericDatumReader<>())) {
            return new AvroHead(
                    stream.getSchema(),
                    Objects.requireNonNullElse(
                            stream.getMetaString(DataFileConstants.CODEC), DataFileConstants.NULL_CODEC),
                    stream.getMetaString("iceberg.schema"));
        } catch (IOException | AvroRuntimeException e) {
            throw new DamagedFileException("The head of the Avro file " + file.location() + " cannot be read: " + e, e);
        }
    }

    /** The codec in the words of Iceberg's table properties, where it can be written. */
    Optional<String> written() {
        return switch (codec) {
            case DataFileConstants.NULL_CODEC -> Optional.of("uncompressed");
            case DataFileConstants.SNAPPY_CODEC -> Optional.of("snappy");
            case DataFileConstants.DEFLATE_CODEC -> Optional.of("gzip");
            case DataFileConstants.ZSTANDARD_CODEC -> Optional.of("zstd");
            default -> Optional.empty();
        };
    }

    /** Sizes that the memory depends on. */
    static Footprint footprint(ContentFile<?> file) {
        long block = Math.min(file.fileSizeInBytes(), MOST_OF_BLOCK);
        return new Footprint(0, block, 2 * block, file.fileSizeInBytes(), 0, 0);
    }

    /**
     * Why the file cannot be read for what it says, if it cannot.
     *
     * @param rows the columns that are read
     */
    Optional<Refusal> refuse(Table table, ContentFile<?> file, org.apache.iceberg.Schema rows) {
        if (codec.equals(DataFileConstants.XZ_CODEC)) {
            return Support.refuse(
                    Reason.UNSUPPORTED_FEATURE,
                    "compression codec " + codec.toLowerCase(Locale.ROOT) + " of " + file.location());
        }
        String mapping = file instanceof DataFile ? table.properties().get(TableProperties.DEFAULT_NAME_MAPPING) : null;
        boolean ids = schema.getType() == Schema.Type.RECORD
                && schema.getFields().stream().anyMatch(AvroSchemaUtil::hasFieldId);
        if (!ids && mapping == null) {
            return Support.refuseWithoutIds(file);
        }
        requireNoDoubt(table, file, ids);
        Schema stored = ids ? schema : AvroSchemaUtil.applyNameMapping(schema, NameMappingParser.fromJson(mapping));
        if (file instanceof DataFile data && data.firstRowId() == null && storesRowIds(stored)) {
            return Support.refuse(
                    Reason.UNSUPPORTED_FEATURE,
                    file.location() + " stores row ids, and its manifest gives it no first row id");
        }
        return StoredAvro.refuse(rows, stored, file.location()).or(() -> refuseUnread(rows, stored, file));
    }

    private void requireNoDoubt(Table table, ContentFile<?> file, boolean ids) {
        String doubt = ids ? ColumnDoubts.of(schema, writersSchema).of(table, file) : null;
        if (doubt != null) {
            throw new DamagedFileException(
                    "The head of the Avro file " + file.location() + " says what others deny: " + doubt);
        }
    }

    private static boolean storesRowIds(Schema stored) {
        return stored.getFields().stream()
                .anyMatch(field -> AvroSchemaUtil.hasFieldId(field)
                        && AvroSchemaUtil.getFieldId(field) == MetadataColumns.ROW_ID.fieldId());
    }

    /** Iceberg's reader has to know every type of the file, those of columns among them that nobody asks for. */
    private static Optional<Refusal> refuseUnread(org.apache.iceberg.Schema rows, Schema stored, ContentFile<?> file) {
        try {
            PlannedDataReader.create(rows).setSchema(stored);
            return Optional.empty();
        } catch (RuntimeException e) {
            return Support.refuse(
                    Reason.UNSUPPORTED_FEATURE, file.location() + " cannot be read by Iceberg: " + Failures.message(e));
        }
    }
}
