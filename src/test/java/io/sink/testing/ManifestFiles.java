package io.sink.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Manifest lists and manifests, read as the plain Avro they are, with what they inherit filled in. */
final class ManifestFiles {
    private static final int ADDED = 1;
    private static final int DELETED = 2;

    private ManifestFiles() {}

    /** One row of a manifest list. */
    record Manifest(
            String path,
            boolean deletes,
            long sequence,
            long snapshot,
            int spec,
            @Nullable Long firstRowId) {}

    /** What a file holds, by its number in the spec. */
    enum Content {
        DATA,
        POSITION_DELETES,
        EQUALITY_DELETES
    }

    /**
     * A live entry of a manifest.
     *
     * @param partition the partition tuple as text, in the order of the spec's fields
     * @param sequence the data sequence number
     * @param firstRowId the row id of the file's first row, or null where the file has no row lineage
     * @param referenced the data file that a delete file is for, or null where it is not said
     * @param blob where a deletion vector lies in its puffin file, or null for any other file
     */
    record LiveFile(
            Content content,
            String path,
            String format,
            int spec,
            List<String> partition,
            long records,
            long sequence,
            @Nullable Long firstRowId,
            List<Integer> equalityIds,
            @Nullable String referenced,
            @Nullable Blob blob) {}

    /** A byte range. */
    record Blob(long offset, long length) {}

    static List<Manifest> manifests(Path manifestList) throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        for (GenericRecord row : read(manifestList)) {
            manifests.add(new Manifest(
                    text(row, "manifest_path"),
                    number(row, "content", 0L) == 1,
                    number(row, "sequence_number", 0L),
                    number(row, "added_snapshot_id", 0L),
                    (int) number(row, "partition_spec_id", 0L),
                    maybeNumber(row, "first_row_id")));
        }
        return manifests;
    }

    /** Everything that the manifest says of each live file, as text, in whatever order maps are written. */
    static List<String> entries(Manifest manifest, Path path) throws IOException {
        List<String> entries = new ArrayList<>();
        Long nextRowId = manifest.firstRowId();
        for (GenericRecord entry : read(path)) {
            if (number(entry, "status", ADDED) == DELETED) {
                continue;
            }
            GenericRecord file = (GenericRecord) entry.get("data_file");
            Map<String, String> said = new TreeMap<>();
            for (Schema.Field field : file.getSchema().getFields()) {
                Object value = file.get(field.pos());
                said.put(
                        field.name(),
                        value instanceof List<?> many
                                ? many.stream()
                                        .map(String::valueOf)
                                        .sorted()
                                        .toList()
                                        .toString()
                                : String.valueOf(value));
            }
            said.put("snapshot", Long.toString(number(entry, "snapshot_id", manifest.snapshot())));
            said.put("sequence", Long.toString(number(entry, "sequence_number", manifest.sequence())));
            said.put("file sequence", Long.toString(number(entry, "file_sequence_number", manifest.sequence())));
            said.put("spec", Integer.toString(manifest.spec()));
            if (nextRowId != null && maybeNumber(file, "first_row_id") == null) {
                said.put("first_row_id", nextRowId.toString());
                nextRowId += number(file, "record_count", 0L);
            }
            entries.add(said.toString());
        }
        return entries;
    }

    /** The manifest's added and existing entries; deleted ones are no part of a snapshot. */
    static List<LiveFile> liveFiles(Manifest manifest, Path path) throws IOException {
        List<LiveFile> live = new ArrayList<>();
        Long nextRowId = manifest.firstRowId();
        for (GenericRecord entry : read(path)) {
            if (number(entry, "status", ADDED) == DELETED) {
                continue;
            }
            GenericRecord file = (GenericRecord) entry.get("data_file");
            Long firstRowId = manifest.firstRowId() == null ? null : maybeNumber(file, "first_row_id");
            if (firstRowId == null && nextRowId != null) {
                firstRowId = nextRowId;
                nextRowId += number(file, "record_count", 0L);
            }
            live.add(liveFile(manifest, entry, file, firstRowId));
        }
        return live;
    }

    private static LiveFile liveFile(
            Manifest manifest, GenericRecord entry, GenericRecord file, @Nullable Long firstRowId) {
        Long offset = maybeNumber(file, "content_offset");
        Long length = maybeNumber(file, "content_size_in_bytes");
        return new LiveFile(
                Content.values()[(int) number(file, "content", 0L)],
                text(file, "file_path"),
                text(file, "file_format"),
                manifest.spec(),
                tuple((GenericRecord) file.get("partition")),
                number(file, "record_count", 0L),
                number(entry, "sequence_number", manifest.sequence()),
                firstRowId,
                numbers(file, "equality_ids"),
                maybeText(file, "referenced_data_file"),
                offset == null || length == null ? null : new Blob(offset, length));
    }

    private static List<String> tuple(GenericRecord partition) {
        return partition.getSchema().getFields().stream()
                .map(field -> partition.get(field.pos()))
                .map(value -> value instanceof ByteBuffer bytes ? hex(bytes) : String.valueOf(value))
                .toList();
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    /** Avro keeps a decoder for every schema object it ever saw, so that a test of many reads must reuse them. */
    private static final class OneOfEachSchema extends GenericDatumReader<GenericRecord> {
        private static final Map<Schema, Schema> SEEN = new ConcurrentHashMap<>();

        @Override
        public void setSchema(Schema schema) {
            super.setSchema(SEEN.computeIfAbsent(schema, first -> first));
        }
    }

    private static List<GenericRecord> read(Path avro) throws IOException {
        List<GenericRecord> records = new ArrayList<>();
        try (DataFileReader<GenericRecord> reader = new DataFileReader<>(avro.toFile(), new OneOfEachSchema())) {
            reader.forEach(records::add);
        }
        return records;
    }

    private static String text(GenericRecord row, String field) {
        return Objects.requireNonNull(maybeText(row, field), field);
    }

    private static @Nullable String maybeText(GenericRecord row, String field) {
        Object value = row.hasField(field) ? row.get(field) : null;
        return value == null ? null : value.toString();
    }

    private static long number(GenericRecord row, String field, long absent) {
        Long value = maybeNumber(row, field);
        return value == null ? absent : value;
    }

    private static @Nullable Long maybeNumber(GenericRecord row, String field) {
        return row.hasField(field) && row.get(field) instanceof Number number ? number.longValue() : null;
    }

    private static List<Integer> numbers(GenericRecord row, String field) {
        if (!row.hasField(field) || !(row.get(field) instanceof List<?> values)) {
            return List.of();
        }
        return values.stream().map(value -> ((Number) value).intValue()).toList();
    }
}
