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
 * The header of an Avro file.
 *
 * @param schema the schema that the file was written with
 * @param codec the codec by Avro's name
 * @param writersSchema the table's schema that the writer left in the file, as JSON; null if there is none
 */
record AvroHead(Schema schema, String codec, @Nullable String writersSchema) {
    /** Memory for a stored block. No header says how large a block is; writers usually make them 64 KB. */
    private static final long MOST_OF_BLOCK = 16L << 20;

    /**
     * Reads the header from the beginning of the file.
     *
     * @throws DamagedFileException if it is not an Avro file
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

    /** The codec by its name in Iceberg's table properties; empty if it cannot be written. */
    Optional<String> written() {
        return switch (codec) {
            case DataFileConstants.NULL_CODEC -> Optional.of("uncompressed");
            case DataFileConstants.SNAPPY_CODEC -> Optional.of("snappy");
            case DataFileConstants.DEFLATE_CODEC -> Optional.of("gzip");
            case DataFileConstants.ZSTANDARD_CODEC -> Optional.of("zstd");
            default -> Optional.empty();
        };
    }

    /** The sizes that the memory of a rewrite depends on. */
    static Footprint footprint(ContentFile<?> file) {
        long block = Math.min(file.fileSizeInBytes(), MOST_OF_BLOCK);
        return new Footprint(0, block, 2 * block, file.fileSizeInBytes(), 0, 0);
    }

    /**
     * Why Iceberg would not read the file's values as they are stored; empty if it does.
     *
     * @param rows the columns that are read
     * @throws DamagedFileException if the header contradicts the manifest or the table
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
                    "The head of the Avro file " + file.location() + " contradicts other metadata: " + doubt);
        }
    }

    private static boolean storesRowIds(Schema stored) {
        return stored.getFields().stream()
                .anyMatch(field -> AvroSchemaUtil.hasFieldId(field)
                        && AvroSchemaUtil.getFieldId(field) == MetadataColumns.ROW_ID.fieldId());
    }

    /** Iceberg's reader has to know every type in the file, even of columns that are not read. */
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
