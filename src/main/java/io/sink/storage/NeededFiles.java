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
 * Tells which of many tables could need a file, by all files that their metadata reaches. It takes 8 bytes on local
 * disk for each file that a table names; while tables are added, one of {@value #PARTS} parts is in memory at a time.
 *
 * <p>Locations are known by 49 bits of a hash, so a hit says only that the table could need the file: ask the table
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

    /**
     * The sorted entries of tables that were read together, part by part, in one file that is deleted when it is
     * closed.
     */
    private record Segment(FileChannel file, List<LongBuffer> parts) {}

    /** Whether the table with this full name was added. */
    public boolean has(String name) {
        return ordinals.containsKey(name);
    }

    /** Begins to read tables that are added together. */
    public Reading begin() {
        return new Reading();
    }

    /** Tables that are being read. If it is closed without {@link #done}, nothing is added. */
    public final class Reading implements Closeable {
        private final List<Spill> spills =
                Stream.generate(Spill::new).limit(PARTS).toList();
        private final List<String> read = new ArrayList<>();

        /**
         * Reads the locations of all files that a table's metadata reaches.
         *
         * @throws RuntimeException if any of it cannot be read; the locations that were read until then do no harm
         */
        public void add(String name, BaseTable table) {
            int ordinal = names.size() + read.size();
            if (ordinal > TABLE) {
                throw new IllegalStateException("more than " + (TABLE + 1) + " tables share places");
            }
            TableMetadata metadata = table.operations().current();
            LocationNormalizer spelling = LocationNormalizer.of(table.io());
            ReachableFiles.of(metadata, table.io(), location -> {
                long hash = LocationHash.of(spelling.folded(location));
                spills.get(part(hash)).add(out -> out.writeLong((hash & ~TABLE) | ordinal));
            });
            read.add(name);
        }

        /**
         * Adds the tables that were read.
         *
         * @throws Spill.SpillException if the local disk fails
         */
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
            try {
                List<LongBuffer> parts = new ArrayList<>();
                for (Spill spill : spills) {
                    parts.add(sorted(spill, file));
                }
                return new Segment(file, parts);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
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
     * @return their full names; each table has to be asked itself
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
