package io.sink.storage;

import io.sink.table.LocationHash;
import io.sink.table.LocationNormalizer;
import io.sink.table.ReachableFiles;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;

/**
 * Which of many tables could need a file, by all that their metadata reaches: 8 bytes on local disk for each file that
 * a table names, and one part of them in memory at a time while tables are added.
 *
 * <p>Locations are known by 49 bits of a hash. A hit is a question and no answer: the table named is to be asked
 * itself.
 *
 * @ref LLP 0019#anti-join
 */
public final class NeededFiles implements Closeable {
    private static final int PARTS = 32;
    private static final int TABLE_BITS = 20;
    private static final long TABLE = (1L << TABLE_BITS) - 1;

    private final Map<String, Integer> ordinals = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();

    /** Tables that were read together: of each part the sorted entries, in one file that has no name any more. */
    private record Segment(FileChannel file, List<LongBuffer> parts) {}

    /** Whether the table's files are in here. */
    public boolean has(String name) {
        return ordinals.containsKey(name);
    }

    /** Tables that are read now, to be added together. */
    public Reading begin() {
        return new Reading();
    }

    /** A reading of tables on its way; close it without {@link #done} and nothing was added. */
    public final class Reading implements Closeable {
        private final List<Spill> spills =
                Stream.generate(Spill::new).limit(PARTS).toList();
        private final List<String> read = new ArrayList<>();

        /**
         * Reads all that a table's metadata reaches.
         *
         * @throws RuntimeException if any of it cannot be read; what was given until then does no harm
         */
        public void add(String name, BaseTable table) {
            int ordinal = names.size() + read.size();
            if (ordinal > TABLE) {
                throw new IllegalStateException("more than " + TABLE + " tables share places");
            }
            TableMetadata metadata = table.operations().current();
            LocationNormalizer spelling = LocationNormalizer.of(table.io());
            ReachableFiles.of(metadata, table.io(), location -> {
                long hash = LocationHash.of(spelling.folded(location));
                spills.get(part(hash)).add(out -> out.writeLong((hash & ~TABLE) | ordinal));
            });
            read.add(name);
        }

        /** Adds what was read. */
        public void done() {
            if (!read.isEmpty()) {
                segments.add(segment(spills));
                for (String name : read) {
                    ordinals.put(name, names.size());
                    names.add(name);
                }
            }
        }

        @Override
        public void close() {
            spills.forEach(Spill::close);
        }
    }

    private static Segment segment(List<Spill> spills) {
        try {
            Path path = Files.createTempFile("sink-needed-", ".sorted");
            FileChannel file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            List<LongBuffer> parts = new ArrayList<>();
            for (Spill spill : spills) {
                parts.add(sorted(spill, file));
            }
            return new Segment(file, parts);
        } catch (IOException e) {
            throw new Spill.SpillException(e);
        }
    }

    private static LongBuffer sorted(Spill spill, FileChannel file) throws IOException {
        long[] entries = new long[Math.toIntExact(spill.size())];
        int[] at = {0};
        spill.each((DataInputStream in) -> entries[at[0]++] = in.readLong());
        Arrays.sort(entries);
        long start = file.size();
        ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
        for (int from = 0; from < entries.length; from += chunk.capacity() / Long.BYTES) {
            chunk.clear();
            int to = Math.min(entries.length, from + chunk.capacity() / Long.BYTES);
            for (int i = from; i < to; i++) {
                chunk.putLong(entries[i]);
            }
            chunk.flip();
            while (chunk.hasRemaining()) {
                file.write(chunk, file.size());
            }
        }
        return file.map(FileChannel.MapMode.READ_ONLY, start, file.size() - start)
                .asLongBuffer();
    }

    /**
     * The tables that could need a location.
     *
     * @param folded the location as {@link LocationNormalizer#folded} gives it
     * @return their names; each is to be asked
     */
    public List<String> couldNeed(String folded) {
        long hash = LocationHash.of(folded);
        BitSet found = new BitSet();
        for (Segment segment : segments) {
            LongBuffer part = segment.parts().get(part(hash));
            for (int at = first(part, hash & ~TABLE);
                    at < part.limit() && (part.get(at) & ~TABLE) == (hash & ~TABLE);
                    at++) {
                found.set((int) (part.get(at) & TABLE));
            }
        }
        return found.stream().mapToObj(names::get).toList();
    }

    private static int first(LongBuffer sorted, long key) {
        int low = 0;
        int high = sorted.limit();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted.get(middle) < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int part(long hash) {
        return (int) (hash & (PARTS - 1));
    }

    @Override
    public void close() {
        for (Segment segment : segments) {
            try {
                segment.file().close();
            } catch (IOException e) {
                throw new Spill.SpillException(e);
            }
        }
        segments.clear();
    }
}
