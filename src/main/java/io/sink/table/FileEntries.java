package io.sink.table;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/**
 * Sums of manifest entries, with all fields of each, by which two multisets of entries are compared.
 *
 * @ref LLP 0015#proof
 */
public final class FileEntries {
    private FileEntries() {}

    /**
     * A sum of entries in any order. Equal sums mean equal multisets, unless 128-bit hashes collide.
     *
     * @param dataFiles number of entries of data files
     * @param deleteFiles number of entries of delete files and deletion vectors
     * @param records record counts of all entries, added up
     * @param high sum of the first 64 bits of the hashes
     * @param low sum of the next 64 bits of the hashes
     */
    public record Sum(long dataFiles, long deleteFiles, long records, long high, long low) {
        /** The sum of no entries. */
        public static final Sum NONE = new Sum(0, 0, 0, 0, 0);

        /** The sum of one entry, by the fields that {@code facts} selects. */
        public static Sum of(ContentFile<?> file, Facts facts) {
            ByteBuffer hash = ByteBuffer.wrap(sha256(canonical(file, facts)));
            boolean data = file instanceof DataFile;
            return new Sum(data ? 1 : 0, data ? 0 : 1, file.recordCount(), hash.getLong(), hash.getLong());
        }

        /** The sum of both. */
        public Sum plus(Sum other) {
            return new Sum(
                    dataFiles + other.dataFiles,
                    deleteFiles + other.deleteFiles,
                    records + other.records,
                    high + other.high,
                    low + other.low);
        }

        /** The number of entries of both kinds. */
        public long entries() {
            return dataFiles + deleteFiles;
        }

        @Override
        public String toString() {
            return "%d data files, %d delete files, %d records, hash %016x%016x"
                    .formatted(dataFiles, deleteFiles, records, high, low);
        }
    }

    /** The fields of an entry that are compared. */
    public enum Facts {
        /** Everything. */
        ALL(true, true, true),
        /** Everything except the first row id, which a commit assigns to files that have none. */
        BUT_ROW_IDS(true, true, false),
        /** Everything except column statistics, which a plan does not hold. */
        BUT_STATISTICS(false, true, true),
        /** Everything that a file has before it is committed. */
        OF_NEW_FILE(true, false, false);

        private final boolean statistics;
        private final boolean sequenceNumbers;
        private final boolean rowIds;

        Facts(boolean statistics, boolean sequenceNumbers, boolean rowIds) {
            this.statistics = statistics;
            this.sequenceNumbers = sequenceNumbers;
            this.rowIds = rowIds;
        }
    }

    /** The fields of the entry, each with its length or a mark that it is missing, so that no two spell the same. */
    private static byte[] canonical(ContentFile<?> file, Facts facts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Fields fields = new Fields(new DataOutputStream(bytes));
        fields.add(file.content());
        fields.add(file.location());
        fields.add(file.format());
        fields.add(file.specId());
        StructLike partition = file.partition();
        // If a spec has only void fields, a file that was just written has no values, but its entry has nulls.
        for (int pos = 0; pos < partition.size(); pos++) {
            Object value = partition.get(pos, Object.class);
            if (value != null) {
                fields.add(pos);
                fields.add(value);
            }
        }
        fields.add(null);
        fields.add(file.recordCount());
        fields.add(file.fileSizeInBytes());
        if (facts.statistics) {
            fields.add(file.columnSizes());
            fields.add(file.valueCounts());
            fields.add(file.nullValueCounts());
            fields.add(file.nanValueCounts());
            fields.add(file.lowerBounds());
            fields.add(file.upperBounds());
        }
        fields.add(file.keyMetadata());
        fields.add(file.splitOffsets());
        fields.add(file.equalityFieldIds());
        fields.add(file.sortOrderId());
        if (facts.sequenceNumbers) {
            fields.add(file.dataSequenceNumber());
            fields.add(file.fileSequenceNumber());
        }
        if (facts.rowIds) {
            fields.add(file.firstRowId());
        }
        if (file instanceof DeleteFile delete) {
            fields.add(delete.referencedDataFile());
            fields.add(delete.contentOffset());
            fields.add(delete.contentSizeInBytes());
        }
        return bytes.toByteArray();
    }

    private record Fields(DataOutputStream out) {

        void add(@Nullable Object value) {
            if (value == null) {
                number(-1);
            } else if (value instanceof Map<?, ?> map) {
                number(map.size());
                new TreeMap<>(map).forEach((key, of) -> {
                    add(key);
                    add(of);
                });
            } else if (value instanceof List<?> list) {
                number(list.size());
                list.forEach(this::add);
            } else if (value instanceof ByteBuffer buffer) {
                byte[] copy = new byte[buffer.remaining()];
                buffer.duplicate().get(copy);
                bytes(copy);
            } else {
                bytes(value.toString().getBytes(StandardCharsets.UTF_8));
            }
        }

        private void bytes(byte[] value) {
            number(value.length);
            try {
                out.write(value);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void number(int value) {
            try {
                out.writeInt(value);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
