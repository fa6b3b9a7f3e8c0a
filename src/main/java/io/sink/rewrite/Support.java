package io.sink.rewrite;

import io.sink.outcome.Reason;
import io.sink.rows.GroupInput;
import io.sink.rows.RowFiles;
import io.sink.table.DeleteKey;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.encryption.PlaintextEncryptionManager;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.TypeUtil;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Refuses what cannot be rewritten without loss, before a byte is written. */
public final class Support {
    /** Codecs of Parquet that cannot be read: there is no class for them, or one that expects another framing. */
    private static final Set<CompressionCodecName> UNREAD =
            EnumSet.of(CompressionCodecName.LZ4, CompressionCodecName.LZO);

    /** Codecs of Parquet that cannot be written. */
    private static final Set<CompressionCodecName> UNWRITTEN =
            EnumSet.of(CompressionCodecName.LZ4, CompressionCodecName.LZO, CompressionCodecName.BROTLI);

    /** Formats of data files that can be read. */
    private static final Set<FileFormat> FORMATS = Set.of(FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC);

    /** Bytes of a key in a hash map besides its values: entry, wrapper, record, array. */
    private static final int KEY_OVERHEAD = 160;

    private Support() {}

    /** Why no file of this table can be rewritten; empty if files can be. */
    public static Optional<Refusal> refuseTable(Table table) {
        int version = TableUtil.formatVersion(table);
        if (version > 3) {
            return refuse(Reason.UNSUPPORTED_FORMAT, "format version " + version + "; 1 to 3 are supported");
        }
        if (!(table.encryption() instanceof PlaintextEncryptionManager)) {
            return refuse(
                    Reason.ENCRYPTED,
                    "the table has an encryption manager: "
                            + table.encryption().getClass().getSimpleName());
        }
        return OutputFormat.refuse(table);
    }

    /**
     * Why these groups cannot be rewritten; empty if they can be. Reads the footer of every data file.
     *
     * @param footers reads and keeps the footers
     * @param everyRow whether the proof reads every row
     */
    public static Optional<Refusal> refuseGroups(
            Table table, List<FileGroup> groups, FooterCheck footers, boolean everyRow) {
        // First what the manifests tell, since that costs nothing.
        return refuseByManifests(table, groups)
                .or(() -> footers.refuse(table, groups))
                .or(() -> footers.refuseRows(table, groups, everyRow));
    }

    /** Why these groups cannot be rewritten, as far as their manifests tell; reads nothing. */
    static Optional<Refusal> refuseByManifests(Table table, List<FileGroup> groups) {
        return groups.stream()
                .flatMap(group -> group.inputs().stream())
                .map(input -> refuseInput(table, input))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Refusal> refuseInput(Table table, GroupInput input) {
        if (input.data().keyMetadata() != null) {
            return refuse(
                    Reason.ENCRYPTED,
                    "key metadata on data file " + input.data().location());
        }
        if (!FORMATS.contains(input.data().format())) {
            return refuse(
                    Reason.UNSUPPORTED_FORMAT,
                    "data file of format %s: %s"
                            .formatted(
                                    input.data().format().name().toLowerCase(Locale.ROOT),
                                    input.data().location()));
        }
        return input.deletes().stream()
                .map(delete -> refuseDelete(table, input, delete))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Refusal> refuseDelete(Table table, GroupInput input, DeleteFile delete) {
        if (delete.keyMetadata() != null) {
            return refuse(Reason.ENCRYPTED, "key metadata on delete file " + delete.location());
        }
        if (delete.content() == FileContent.EQUALITY_DELETES) {
            return delete.equalityFieldIds().stream()
                    .filter(id -> table.schema().findField(id) == null)
                    .findFirst()
                    .flatMap(id -> refuse(
                            Reason.UNSUPPORTED_FEATURE,
                            "equality delete on a dropped column, field id " + id + ": " + delete.location()));
        }
        boolean samePartition = delete.specId() == input.data().specId()
                && Comparators.forType(RowFiles.spec(table, delete.specId()).partitionType())
                                .compare(delete.partition(), input.data().partition())
                        == 0;
        // The specification does not apply such a delete, but some readers do, so rows would change for one of them.
        return samePartition
                ? Optional.empty()
                : refuse(
                        Reason.UNSUPPORTED_FEATURE,
                        "position-delete file " + delete.location()
                                + " is in another partition than the data file that it names, "
                                + input.data().location());
    }

    /** Estimated memory for the keys of the group's equality deletes, in bytes. */
    static long equalityDeletes(Schema schema, FileGroup group) {
        Set<DeleteKey> seen = new HashSet<>();
        return group.deletes()
                .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES)
                .filter(delete -> seen.add(DeleteKey.of(delete)))
                .mapToLong(delete -> estimate(schema, delete))
                .sum();
    }

    /**
     * Estimated memory for the keys of one file, from its row count and columns; strings count by Iceberg's estimate.
     */
    private static long estimate(Schema schema, DeleteFile delete) {
        Schema keys = TypeUtil.select(schema, new HashSet<>(delete.equalityFieldIds()));
        int key = keys.columns().stream().mapToInt(TypeUtil::estimateSize).sum() + KEY_OVERHEAD;
        return Math.max(delete.recordCount() * key, delete.fileSizeInBytes());
    }

    /** Whether pages in this codec can be read. */
    static boolean isRead(CompressionCodecName codec) {
        return !UNREAD.contains(codec);
    }

    /** Whether Parquet files can be written in this codec, named as in a table property, in upper or lower case. */
    static boolean isWritten(String codec) {
        return UNWRITTEN.stream().noneMatch(unwritten -> unwritten.name().equalsIgnoreCase(codec));
    }

    /** Refuses a file without field ids: Iceberg would match columns by position, or by today's names. */
    static Optional<Refusal> refuseWithoutIds(ContentFile<?> file) {
        return refuse(
                Reason.UNSUPPORTED_FEATURE,
                "no field ids in " + file.location() + " and no table property " + TableProperties.DEFAULT_NAME_MAPPING
                        + ": its columns could only be matched by position or by today's names");
    }

    static Optional<Refusal> refuse(Reason reason, String detail) {
        return Optional.of(new Refusal(reason, detail));
    }
}
