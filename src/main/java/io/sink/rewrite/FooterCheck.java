package io.sink.rewrite;

import io.sink.outcome.Reason;
import io.sink.pages.BrokenPageException;
import io.sink.rows.RowFiles;
import io.sink.table.DeleteKey;
import io.sink.table.Failures;
import io.sink.table.Parallel;
import io.sink.text.Human;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.TypeUtil;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.FileMetaData.EncryptionType;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;

/** Checks what only the footers of data files tell: codecs, field ids, and whether pages can be merged. */
public final class FooterCheck {
    /** Files whose metrics are in memory at once. */
    private static final int AT_ONCE = 64;

    private final Map<String, PageFacts> facts = new ConcurrentHashMap<>();
    private final Set<String> bloomFilters = ConcurrentHashMap.newKeySet();
    /** A column with a list of two levels, by the file's location. */
    private final Map<String, String> twoLevelLists = new ConcurrentHashMap<>();

    private final Footers footers;
    private final Entries entries;

    /** Reads the metrics of data files, which a plan does not hold, from their manifests, a few at a time. */
    @FunctionalInterface
    public interface Entries {
        /** Passes each entry of these manifests, with its metrics, to {@code each}. */
        void read(Set<String> manifests, Consumer<DataFile> each);
    }

    /**
     * A check of files that have their metrics with them.
     *
     * @param footers keeps the footers that are read, for the rewrite
     */
    public FooterCheck(Footers footers) {
        this(footers, (manifests, each) -> {});
    }

    /**
     * A check of files that do not have their metrics with them.
     *
     * @param footers keeps the footers that are read, for the rewrite
     * @param entries reads the metrics
     */
    public FooterCheck(Footers footers, Entries entries) {
        this.footers = footers;
        this.entries = entries;
    }

    /** Reads the footers, several at a time, until one must be refused; empty if none must. */
    Optional<Refusal> refuse(Table table, List<FileGroup> groups) {
        Set<Integer> keys = groups.stream()
                .flatMap(FileGroup::deletes)
                .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES)
                .flatMap(delete -> delete.equalityFieldIds().stream())
                .collect(Collectors.toSet());
        Check check = new Check(
                table,
                new FileSchemas(table),
                table.properties().containsKey(TableProperties.DEFAULT_NAME_MAPPING),
                keys);
        Queue<Refusal> refusals = new ConcurrentLinkedQueue<>();
        Map<String, DataFile> left = new HashMap<>();
        groups.forEach(group -> group.dataFiles().forEach(file -> left.put(file.location(), file)));
        Set<String> manifests = left.values().stream()
                .filter(file -> file.valueCounts() == null && file.manifestLocation() != null)
                .map(DataFile::manifestLocation)
                .collect(Collectors.toSet());
        List<ContentFile<?>> some = new ArrayList<>();
        if (!manifests.isEmpty()) {
            entries.read(manifests, entry -> {
                footers.safePoint();
                if (refusals.isEmpty() && left.remove(entry.location()) != null) {
                    some.add(entry);
                    if (some.size() == AT_ONCE) {
                        refuse(check, some, refusals);
                        some.clear();
                    }
                }
            });
        }
        some.addAll(left.values());
        equalityDeletes(groups).forEach(some::add);
        refuse(check, some, refusals);
        return Optional.ofNullable(refusals.peek());
    }

    /**
     * Why rows that have to be read cannot be read; empty if they can. To be called after a check that refused nothing.
     *
     * @param everyRow whether the rows of every group are read, for the proof
     */
    Optional<Refusal> refuseRows(Table table, List<FileGroup> groups, boolean everyRow) {
        for (FileGroup group : twoLevelLists.isEmpty() ? List.<FileGroup>of() : groups) {
            String why = everyRow ? "--verify full" : decided(table, group).notByPage();
            for (DataFile file : why == null ? List.<DataFile>of() : group.dataFiles()) {
                String column = twoLevelLists.get(file.location());
                if (column != null) {
                    return Support.refuse(
                            Reason.UNSUPPORTED_FEATURE,
                            ("column %s of %s has lists of two levels, which Iceberg's reader of rows misreads if they"
                                            + " are empty, and the rows must be read: %s")
                                    .formatted(column, file.location(), why));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * What the files of one check are compared with.
     *
     * @param mapped whether the table has a name mapping
     * @param keys field ids by which equality deletes compare rows
     */
    private record Check(Table table, FileSchemas schemas, boolean mapped, Set<Integer> keys) {}

    private void refuse(Check check, List<ContentFile<?>> files, Queue<Refusal> refusals) {
        Parallel.each(files, file -> {
            if (refusals.isEmpty()) {
                refuse(check, file).ifPresent(refusals::add);
            }
        });
    }

    /** Each equality delete file once. Its columns are matched by field id alone, whatever the table's name mapping. */
    private static Stream<DeleteFile> equalityDeletes(List<FileGroup> groups) {
        Set<DeleteKey> seen = new HashSet<>();
        return groups.stream()
                .flatMap(FileGroup::deletes)
                .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES && seen.add(DeleteKey.of(delete)));
    }

    /** The group with what its footers say about its pages. To be called after a check that refused nothing. */
    public FileGroup decided(Table table, FileGroup group) {
        String obstacle = PageFacts.obstacle(table, group);
        List<Long> rowGroups = new ArrayList<>();
        Footprint footprint = new Footprint(0, 0, 0, 0, 0, Support.equalityDeletes(table.schema(), group));
        for (DataFile file : group.dataFiles()) {
            PageFacts fact = facts.get(file.location());
            if (obstacle == null) {
                obstacle = fact == null ? "nothing is known of the footer of " + file.location() : fact.obstacle();
            }
            if (fact != null) {
                rowGroups.addAll(fact.rowGroupBytes());
                footprint = footprint.plus(fact.footprint());
            }
        }
        if (obstacle == null && !PageFacts.divides(rowGroups, group.targetFileSizeBytes())) {
            obstacle = "files of " + Human.bytes(group.targetFileSizeBytes()) + " cannot be made of whole row groups";
        }
        return group.with(obstacle, footprint);
    }

    /** The bloom filters that a rewrite of all files whose footers were read makes and drops. */
    public BloomFilters bloomFilters(Table table) {
        return BloomFilters.of(table, bloomFilters);
    }

    private Optional<Refusal> refuse(Check check, ContentFile<?> file) {
        Table table = check.table();
        return switch (file.format()) {
            case AVRO -> {
                known(file, AvroHead.footprint(file));
                yield AvroHead.read(open(table, file)).refuse(table, file, columns(table, file));
            }
            case ORC -> {
                OrcHead head = OrcHead.read(open(table, file));
                known(file, head.footprint());
                yield head.refuse(table, file, columns(table, file));
            }
            default -> refuseParquet(check, file);
        };
    }

    private void known(ContentFile<?> file, Footprint footprint) {
        if (file instanceof DataFile) {
            String format = file.format().name().toLowerCase(Locale.ROOT);
            facts.put(file.location(), new PageFacts("files of format " + format, List.of(), footprint));
        }
    }

    /** The columns that are read of a file: those that an equality delete file compares, or all of a data file. */
    private static Schema columns(Table table, ContentFile<?> file) {
        Schema all = RowFiles.schema(table);
        return file instanceof DeleteFile delete ? TypeUtil.select(all, Set.copyOf(delete.equalityFieldIds())) : all;
    }

    private static InputFile open(Table table, ContentFile<?> file) {
        return file instanceof DataFile data
                ? table.io().newInputFile(data)
                : table.io().newInputFile((DeleteFile) file);
    }

    private Optional<Refusal> refuseParquet(Check check, ContentFile<?> file) {
        ParquetMetadata footer;
        try {
            footer = read(check.table(), file);
        } catch (ParquetCryptoRuntimeException e) {
            return Support.refuse(
                    Reason.ENCRYPTED, "Parquet footer of " + file.location() + ": " + Failures.message(e));
        }
        // Columns may be encrypted although the footer is plain.
        if (footer.getFileMetaData().getEncryptionType() != EncryptionType.UNENCRYPTED) {
            return Support.refuse(Reason.ENCRYPTED, "encrypted columns in " + file.location());
        }
        try {
            return refuse(check, file, footer);
        } catch (NullPointerException e) {
            // Iceberg's schema visitors assume that a map has values, and a list or map its layers. A
            // NullPointerException of our own is a failure, not a reason to skip.
            if (!isOfIceberg(e)) {
                throw e;
            }
            String column = StoredColumns.odd(footer.getFileMetaData().getSchema());
            return Support.refuse(
                    Reason.UNSUPPORTED_FEATURE,
                    (column == null ? "the schema" : "column " + column) + " of " + file.location()
                            + " has a list or a map whose layers Iceberg cannot take apart");
        } catch (IllegalArgumentException e) {
            // Its visitors also say what they do not like, and not of which file.
            throw new BrokenPageException(
                    "The schema of " + file.location() + " cannot be read: " + Failures.message(e), e);
        }
    }

    private static boolean isOfIceberg(NullPointerException e) {
        return Stream.of(e.getStackTrace())
                .map(StackTraceElement::getClassName)
                .filter(name -> !name.startsWith("java."))
                .findFirst()
                .filter(name -> !name.startsWith("io.sink."))
                .isPresent();
    }

    private Optional<Refusal> refuse(Check check, ContentFile<?> file, ParquetMetadata footer) {
        Table table = check.table();
        MessageType own = footer.getFileMetaData().getSchema();
        FileSchema schema = check.schemas().of(footer);
        boolean mapped = check.mapped() && file instanceof DataFile;
        if (!mapped && !ParquetSchemaUtil.hasIds(own)) {
            return Support.refuseWithoutIds(file);
        }
        Optional<Refusal> unread =
                StoredColumns.refuse(schema.rows(), mapped ? schema.stored() : own, file.location(), check.keys());
        if (unread.isPresent()) {
            return unread;
        }
        String doubt = file instanceof DataFile data
                ? FooterDoubts.of(table, data, footer, schema)
                : ColumnDoubts.of(
                                own,
                                footer.getFileMetaData().getKeyValueMetaData().get("iceberg.schema"))
                        .of(table, file);
        if (doubt != null) {
            throw new BrokenPageException("The footer of " + file.location() + " contradicts other metadata: " + doubt);
        }
        if (file instanceof DataFile data) {
            String oldList = schema.twoLevelList();
            if (oldList != null) {
                twoLevelLists.put(file.location(), oldList);
            }
            // During the rewrite it would be too late to refuse the table.
            FileSchema.Unreadable unreadable = schema.unreadable();
            if (unreadable != null) {
                return Support.refuse(
                        Reason.UNSUPPORTED_FEATURE,
                        "column " + unreadable.column() + " of " + file.location() + " cannot be read: "
                                + unreadable.why());
            }
            facts.put(file.location(), PageFacts.of(table, data, footer, schema));
            bloomFilters.addAll(BloomFilters.stored(table.schema(), footer));
        }
        return footer.getBlocks().stream()
                .flatMap(block -> block.getColumns().stream())
                .filter(chunk -> !Support.isRead(chunk.getCodec()))
                .findFirst()
                .flatMap(chunk -> Support.refuse(
                        Reason.UNSUPPORTED_FEATURE,
                        "column %s of %s has compression codec %s, which cannot be read"
                                .formatted(
                                        chunk.getPath().toDotString(),
                                        file.location(),
                                        chunk.getCodec().name().toLowerCase(Locale.ROOT))));
    }

    private ParquetMetadata read(Table table, ContentFile<?> file) {
        return file instanceof DataFile ? footers.of(open(table, file)) : ParquetFooter.read(open(table, file));
    }

    /** The codec of the file's first column chunk; empty if the file has no row groups. */
    public static Optional<CompressionCodecName> codec(ParquetMetadata footer) {
        return footer.getBlocks().stream()
                .flatMap(block -> block.getColumns().stream())
                .map(column -> column.getCodec())
                .findFirst();
    }
}
