package io.sink.table;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Tells by which live files two snapshots differ: a multiset of manifest entries, each with all that its manifest says of the
 * file, sequence numbers and first row id included. Manifests that both snapshots name are not read, and each other one is
 * read once, however often it is asked about.
 *
 * @ref LLP 0015#proof
 */
public final class FileEntries {
    private final FileIO io;
    private final Map<String, Sum> byManifest = new HashMap<>();

    public FileEntries(FileIO io) {
        this.io = io;
    }

    /** What only the one snapshot has, and what only the other. */
    public record Difference(Sum gone, Sum come) {}

    /**
     * Entries added up, in any order: equal sums are equal multisets, but for a collision of 128 bits of hashes.
     *
     * @param dataFiles entries of data files
     * @param deleteFiles entries of delete files and deletion vectors
     * @param records what both say that they hold
     */
    public record Sum(long dataFiles, long deleteFiles, long records, long high, long low) {
        public static final Sum NONE = new Sum(0, 0, 0, 0, 0);

        /** The sum of these files' entries. */
        public static Sum of(Collection<? extends ContentFile<?>> files) {
            Sum sum = NONE;
            for (ContentFile<?> file : files) {
                sum = sum.plus(of(file));
            }
            return sum;
        }

        private static Sum of(ContentFile<?> file) {
            ByteBuffer hash = ByteBuffer.wrap(sha256(canonical(file)));
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

        @Override
        public String toString() {
            return "%d data files, %d delete files, %d records, hash %016x%016x"
                    .formatted(dataFiles, deleteFiles, records, high, low);
        }
    }

    /**
     * By which entries the two differ.
     *
     * @throws RuntimeException if a list or a manifest cannot be read
     */
    public Difference between(Map<Integer, PartitionSpec> specs, Snapshot before, Snapshot after) {
        List<ManifestFile> old = manifests(before);
        List<ManifestFile> now = manifests(after);
        return new Difference(beyond(now, old, specs), beyond(old, now, specs));
    }

    private List<ManifestFile> manifests(Snapshot snapshot) {
        List<ManifestFile> manifests = new ArrayList<>();
        Manifests.counted(snapshot, io, manifests::add);
        return manifests;
    }

    private Sum beyond(List<ManifestFile> known, List<ManifestFile> asked, Map<Integer, PartitionSpec> specs) {
        Set<String> shared = new HashSet<>();
        known.forEach(manifest -> shared.add(manifest.path()));
        Sum sum = Sum.NONE;
        for (ManifestFile manifest : asked) {
            if (!shared.contains(manifest.path())) {
                sum = sum.plus(byManifest.computeIfAbsent(manifest.path(), path -> read(manifest, specs)));
            }
        }
        return sum;
    }

    private Sum read(ManifestFile manifest, Map<Integer, PartitionSpec> specs) {
        Sum[] sum = {Sum.NONE};
        Manifests.liveFiles(manifest, io, specs, file -> sum[0] = sum[0].plus(Sum.of(file)));
        return sum[0];
    }

    /** Every field of the entry, each with its length or a mark that it is missing, so that no two spell the same. */
    private static byte[] canonical(ContentFile<?> file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Fields fields = new Fields(new DataOutputStream(bytes));
        fields.add(file.content());
        fields.add(file.location());
        fields.add(file.format());
        fields.add(file.specId());
        StructLike partition = file.partition();
        for (int pos = 0; pos < partition.size(); pos++) {
            fields.add(partition.get(pos, Object.class));
        }
        fields.add(file.recordCount());
        fields.add(file.fileSizeInBytes());
        fields.add(file.columnSizes());
        fields.add(file.valueCounts());
        fields.add(file.nullValueCounts());
        fields.add(file.nanValueCounts());
        fields.add(file.lowerBounds());
        fields.add(file.upperBounds());
        fields.add(file.keyMetadata());
        fields.add(file.splitOffsets());
        fields.add(file.equalityFieldIds());
        fields.add(file.sortOrderId());
        fields.add(file.dataSequenceNumber());
        fields.add(file.fileSequenceNumber());
        fields.add(file.firstRowId());
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
