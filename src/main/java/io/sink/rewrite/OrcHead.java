package io.sink.rewrite;

import io.sink.outcome.Reason;
import io.sink.table.DamagedFileException;
import io.sink.table.Failures;
import io.sink.table.OrcShims;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.common.DynMethods;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.orc.ORC;
import org.apache.iceberg.orc.ORCSchemaUtil;
import org.apache.orc.ColumnStatistics;
import org.apache.orc.Reader;
import org.apache.orc.StripeInformation;
import org.apache.orc.TypeDescription;

/**
 * The footer of an ORC file.
 *
 * @param schema the schema that the file was written with
 * @param rows the rows in all stripes
 * @param codec the codec by its name in Iceberg's table properties
 * @param stripe bytes of the largest stripe
 * @param unpacked bytes of all values in memory, as the writer estimated them
 * @param encrypted whether a column is encrypted
 * @param proleptic whether days are counted by the proleptic Gregorian calendar
 * @param statistics the statistics of the columns, by their number in the schema
 */
record OrcHead(
        TypeDescription schema,
        long rows,
        String codec,
        long stripe,
        long unpacked,
        boolean encrypted,
        boolean proleptic,
        ColumnStatistics[] statistics) {
    static final String ID = "iceberg.id";

    /** Opens an ORC file through Iceberg's FileIO; the method is not public. */
    private static final DynMethods.StaticMethod OPEN = DynMethods.builder("newFileReader")
            .hiddenImpl(ORC.class, InputFile.class, Configuration.class)
            .buildStatic();

    /** Shared, since each new configuration reads Hadoop's defaults from XML. */
    private static final Configuration DEFAULTS = new Configuration();

    private static final DynMethods.StaticMethod MAP_NAMES = DynMethods.builder("applyNameMapping")
            .hiddenImpl(ORCSchemaUtil.class, TypeDescription.class, NameMapping.class)
            .buildStatic();

    /**
     * Reads the footer from the end of the file.
     *
     * @throws DamagedFileException if it is not an ORC file
     */
    static OrcHead read(InputFile file) {
        OrcShims.choose();
        try (Reader reader = OPEN.invoke(file, DEFAULTS)) {
            return new OrcHead(
                    reader.getSchema(),
                    reader.getNumberOfRows(),
                    reader.getCompressionKind().name().toLowerCase(Locale.ROOT),
                    reader.getStripes().stream()
                            .mapToLong(StripeInformation::getLength)
                            .max()
                            .orElse(0),
                    reader.getRawDataSize(),
                    reader.getEncryptionVariants().length > 0,
                    reader.writerUsedProlepticGregorian(),
                    reader.getStatistics());
        } catch (IOException | RuntimeException e) {
            throw new DamagedFileException(
                    "The footer of the ORC file " + file.location() + " cannot be read: " + e, e);
        }
    }

    /** The sizes that the memory of a rewrite depends on. */
    Footprint footprint() {
        return new Footprint(0, Math.min(stripe, unpacked), 2 * stripe, unpacked, 0, 0);
    }

    /**
     * Why Iceberg would not read the file's values as they are stored; empty if it does.
     *
     * @param rows the columns that are read
     * @throws DamagedFileException if the footer contradicts the manifest or the table
     */
    Optional<Refusal> refuse(Table table, ContentFile<?> file, Schema rows) {
        if (encrypted) {
            return Support.refuse(Reason.ENCRYPTED, "a column of " + file.location() + " is encrypted");
        }
        String mapping = file instanceof DataFile ? table.properties().get(TableProperties.DEFAULT_NAME_MAPPING) : null;
        boolean ids = hasIds(schema);
        if (!ids && mapping == null && !schema.getChildren().isEmpty()) {
            return Support.refuseWithoutIds(file);
        }
        TypeDescription stored =
                ids || mapping == null ? schema : MAP_NAMES.invoke(schema, NameMappingParser.fromJson(mapping));
        if (this.rows != file.recordCount()) {
            return Optional.of(new Refusal(
                    Reason.METADATA_UNREADABLE,
                    "%s has %d rows by its manifest, and %d by its footer"
                            .formatted(file.location(), file.recordCount(), this.rows)));
        }
        String doubt = ColumnDoubts.of(stored, ids).of(table, file);
        if (doubt != null) {
            throw new DamagedFileException(
                    "The footer of the ORC file " + file.location() + " contradicts other metadata: " + doubt);
        }
        return StoredOrc.refuse(rows, stored, this, file.location()).or(() -> refuseUnread(rows, stored, file));
    }

    private static boolean hasIds(TypeDescription type) {
        return type.getAttributeValue(ID) != null
                || type.getChildren() != null && type.getChildren().stream().anyMatch(OrcHead::hasIds);
    }

    /** Tries what Iceberg's reader does when it opens a file: it may not know a promotion, or lack a default. */
    private static Optional<Refusal> refuseUnread(Schema rows, TypeDescription stored, ContentFile<?> file) {
        try {
            ORCSchemaUtil.buildOrcProjection(rows, stored);
            return Optional.empty();
        } catch (RuntimeException e) {
            return Support.refuse(
                    Reason.UNSUPPORTED_FEATURE, file.location() + " cannot be read by Iceberg: " + Failures.message(e));
        }
    }
}
