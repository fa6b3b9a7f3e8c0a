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
 * Sums of manifest entries, each with all that its manifest says of the file: what two multisets of entries are
 * compared by.
 *
 * @ref LLP 0015#proof
 */
public final class FileEntries {
    private FileEntries() {}

    /**
     * Entries added up, in any order: equal sums are equal multisets, but for a collision of 128 bits of hashes.
     *
     * @param dataFiles entries of data files
     * @param deleteFiles entries of delete files and deletion vectors
     * @param records what both say that they hold
     */
    public record Sum(long dataFiles, long deleteFiles, long records, long high, long low) {
        public static final Sum NONE = new Sum(0, 0, 0, 0, 0);

        /** One entry, as {@code facts} sees it. */
        public static Sum of(ContentFile<?> file, Facts facts) {
            ByteBuffer hash = ByteBuffer.wrap(sha256(canonical(file, facts)));
            boolean data = file instanceof DataFile;
            return new Sum(data ? 1 : 0, data ? 0 : 1, file.recordCount(), hash.getLong(), hash.getLong());
        }

        /** Both together. */
        public Sum plus(Sum other) {
            return new Sum(
                    dataFiles + other.dataFiles,
                    deleteFiles + other.deleteFiles,
                    records + other.records,
                    high + other.high,
                    low + other.low);
        }

        /** Entries of all states. */
        public long entries() {
            return dataFiles + deleteFiles;
        }

        @Override
        public String toString() {
            return "%d data files, %d delete files, %d records, hash %016x%016x"
                    .formatted(dataFiles, deleteFiles, records, high, low);
        }
    }

    /** What of an entry is looked at. */
    public enum Facts {
        /** Everything. */
        ALL(true, true, true),
        /** Everything but the first row id, which a commit gives to files that have none. */
        BUT_ROW_IDS(true, true, false),
        /** Everything but column statistics, which a plan does not hold. */
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
        // Of a spec of void fields alone a file that was just written has no values, and its entry has nulls.
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
