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

/** What cannot be rewritten without loss, and is refused before a byte is written. */
public final class Support {
    /** Codecs of Parquet for which there is no class, or one that takes a page for another framing. */
    private static final Set<CompressionCodecName> UNREAD =
            EnumSet.of(CompressionCodecName.LZ4, CompressionCodecName.LZO);

    /** Codecs of Parquet that are not written. */
    private static final Set<CompressionCodecName> UNWRITTEN =
            EnumSet.of(CompressionCodecName.LZ4, CompressionCodecName.LZO, CompressionCodecName.BROTLI);

    /** Formats of data files that are read. */
    private static final Set<FileFormat> FORMATS = Set.of(FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC);

    /** What a key in a hash map takes beside its values: entry, wrapper, record, array. */
    private static final int KEY_OVERHEAD = 160;

    private Support() {}

    /** The reason why no file of this table can be rewritten, if there is one. */
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
     * The reason why these groups cannot be rewritten, if there is one. Has the footer of every data file read.
     *
     * @param everyRow whether the proof reads every row
     */
    public static Optional<Refusal> refuseGroups(
            Table table, List<FileGroup> groups, FooterCheck footers, boolean everyRow) {
        // What the manifests say first: it costs nothing.
        return groups.stream()
                .flatMap(group -> group.inputs().stream())
                .map(input -> refuseInput(table, input))
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> footers.refuse(table, groups))
                .or(() -> footers.refuseRows(table, groups, everyRow));
    }

    /**
     * The groups of which a file cannot be rewritten. Has the footer of every data file read that can be.
     *
     * @param everyRow whether the proof reads every row
     */
    public static List<UnreadableGroup> unreadable(
            Table table, List<FileGroup> groups, FooterCheck footers, boolean everyRow) {
        return groups.stream()
                .map(group -> unreadable(table, group, footers, everyRow))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<UnreadableGroup> unreadable(
            Table table, FileGroup group, FooterCheck footers, boolean everyRow) {
        try {
            return refuseGroups(table, List.of(group), footers, everyRow)
                    .map(refusal -> new UnreadableGroup(group.index(), refusal.reason(), refusal.detail(), List.of()));
        } catch (RuntimeException e) {
            return Optional.of(UnreadableGroup.of(group, e, Reason.REWRITE_ERROR, List.of())
                    .orElseThrow(() -> e));
        }
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
        // Readers differ: the specification does not apply it, others do. Either way rows would change for someone.
        return samePartition
                ? Optional.empty()
                : refuse(
                        Reason.UNSUPPORTED_FEATURE,
                        "position-delete file " + delete.location()
                                + " is of another partition than the data file it names, "
                                + input.data().location());
    }

    /** Memory that the keys of the group's equality deletes take, in bytes, estimated. */
    static long equalityDeletes(Schema schema, FileGroup group) {
        Set<DeleteKey> seen = new HashSet<>();
        return group.deletes()
                .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES)
                .filter(delete -> seen.add(DeleteKey.of(delete)))
                .mapToLong(delete -> estimate(schema, delete))
                .sum();
    }

    /**
     * Memory that a file's delete keys take, from its row count and its columns; a string counts as Iceberg counts it.
     */
    private static long estimate(Schema schema, DeleteFile delete) {
        Schema keys = TypeUtil.select(schema, new HashSet<>(delete.equalityFieldIds()));
        int key = keys.columns().stream().mapToInt(TypeUtil::estimateSize).sum() + KEY_OVERHEAD;
        return Math.max(delete.recordCount() * key, delete.fileSizeInBytes());
    }

    /** Whether pages in this codec are read. */
    static boolean isRead(CompressionCodecName codec) {
        return !UNREAD.contains(codec);
    }

    /** Whether Parquet files are written in this codec; the name as a table property has it, in any case. */
    static boolean isWritten(String codec) {
        return UNWRITTEN.stream().noneMatch(unwritten -> unwritten.name().equalsIgnoreCase(codec));
    }

    /** Iceberg would match the columns by their names of today, whatever they were called when the file was written. */
    static Optional<Refusal> refuseWithoutIds(ContentFile<?> file) {
        return refuse(
                Reason.UNSUPPORTED_FEATURE,
                "no field ids in " + file.location() + " and no table property " + TableProperties.DEFAULT_NAME_MAPPING
                        + ": its columns could only be matched by position");
    }

    static Optional<Refusal> refuse(Reason reason, String detail) {
        return Optional.of(new Refusal(reason, detail));
    }
}
