package io.sink.columns;

import io.sink.columns.LeafComparison.Source;
import io.sink.pages.Codecs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * The sum of the hashes of rows, which is the same in whatever order the rows are. It is found column by column: rows
 * are never put together.
 *
 * <p>An entry is hashed with its levels and the raw bits of its value, under a key that is drawn anew for each proof.
 * The entries of a row in one leaf are hashed in their order, with the number of the leaf. A row's hash has 128 bits.
 */
public final class RowSums {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ODD = 0x9e3779b97f4a7c15L;

    private final long key;
    private long high;
    private long low;
    private long rows;

    /** @param key a random number, the same for all rows that are to be compared */
    public RowSums(long key) {
        this.key = key;
    }

    /** Adds the rows of another sum. */
    public void add(RowSums other) {
        add(other.high, other.low);
        rows += other.rows;
    }

    private void add(long toHigh, long toLow) {
        low += toLow;
        high += toHigh + (Long.compareUnsigned(low, toLow) < 0 ? 1 : 0);
    }

    /** Whether both are of the same rows, each as often in one as in the other. */
    public boolean same(RowSums other) {
        return rows == other.rows && high == other.high && low == other.low && key == other.key;
    }

    /** The number of rows. */
    public long rows() {
        return rows;
    }

    /** The rows of one row group that are kept, to which leaf after leaf is added. */
    public final class RowGroup {
        private final String where;
        private final Codecs codecs;
        private final long[] highs;
        private final long[] lows;

        /**
         * @param where names the file
         * @param kept the number of rows that are kept
         */
        public RowGroup(String where, int kept, Codecs codecs) {
            this.where = where;
            this.codecs = codecs;
            this.highs = new long[kept];
            this.lows = new long[kept];
        }

        /**
         * Adds a leaf of an input.
         *
         * @param leaf the number of the leaf in the output
         * @throws io.sink.pages.BrokenPageException if it cannot be read
         */
        public void add(int leaf, ColumnDescriptor output, Source source) {
            add(leaf, output, Entries.of(source, output, codecs), null);
        }

        /**
         * Adds a leaf of an output.
         *
         * @param bloom its Bloom filter; null if it has none
         * @throws DifferentEntriesException if the footer, an index or the Bloom filter claims something else of it
         */
        public WrittenChunk addWritten(int leaf, StoredColumn written, @Nullable BloomFilter bloom) {
            ChunkWalk walk = ChunkWalk.of(written, codecs);
            ColumnIndex index = written.index().get();
            Claims claims = new Claims(written.column(), walk, index, bloom).requireForm();
            claims.source(null);
            add(leaf, written.column(), Entries.of(written, walk, written.column()), claims);
            claims.require();
            walk.requireChecksums();
            return WrittenChunk.of(walk, highs.length, index, bloom, claims);
        }

        private void add(int leaf, ColumnDescriptor output, Entries entries, @Nullable Claims claims) {
            Leaf of = new Leaf(leaf, output);
            for (Block block = entries.next(); block != null; block = entries.next()) {
                if (claims != null) {
                    claims.add(block);
                }
                of.add(block);
            }
            of.settle();
        }

        /** Adds the rows to the sum. */
        public void end() {
            for (int i = 0; i < highs.length; i++) {
                long a = mix(highs[i] ^ key);
                RowSums.this.add(mix(lows[i] + a), mix(a + Long.rotateLeft(lows[i], 32) * ODD));
            }
            rows += highs.length;
        }

        /** The entries of one leaf. */
        private final class Leaf {
            private final long own;
            private final PrimitiveType type;
            private final int full;
            private final String name;
            private @Nullable Dictionary dictionary;
            private long[] hashes = {};
            private int row = -1;
            private long one;
            private long two;

            Leaf(int number, ColumnDescriptor output) {
                this.own = mix(key + (number + 1) * ODD);
                this.type = output.getPrimitiveType();
                this.full = output.getMaxDefinitionLevel();
                this.name = String.join(".", output.getPath());
            }

            void add(Block block) {
                int[] repetition = block.repetition();
                int[] definition = block.definition();
                Values values = block.values();
                int[] ids = values.ids();
                Dictionary of = values.dictionary();
                if (of != null && of != dictionary) {
                    dictionary = of;
                    hashes = new long[of.count()];
                    for (int id = 0; id < hashes.length; id++) {
                        hashes[id] = hash(of.plain(), of.from(id), of.until(id));
                    }
                }
                int at = values.from();
                int value = 0;
                for (int i = 0; i < block.entries(); i++) {
                    int again = repetition == null ? 0 : repetition[i];
                    if (again == 0) {
                        next();
                    }
                    int level = definition == null ? full : definition[i];
                    long entry = own + again * ODD + ((long) level << 48);
                    if (level == full && ids != null) {
                        entry ^= hashes[ids[value++]];
                    } else if (level == full) {
                        int behind = Values.behind(values.plain(), at, values.until(), 1, type);
                        entry ^= hash(values.plain(), at, behind);
                        at = behind;
                    }
                    entry = mix(entry);
                    one = one * ODD + entry;
                    two = (two ^ entry) * 0xc2b2ae3d27d4eb4fL + own;
                }
            }

            private void next() {
                settle();
                row++;
                if (row == highs.length) {
                    throw different();
                }
                one = own;
                two = ~own;
            }

            private void settle() {
                if (row >= 0) {
                    highs[row] += mix(one);
                    lows[row] += mix(two);
                }
            }

            private DifferentEntriesException different() {
                return new DifferentEntriesException("column " + name + " of " + where + " has other rows than the "
                        + highs.length + " of its row group");
            }
        }
    }

    private long hash(byte[] bytes, int from, int until) {
        long hash = mix(key + (until - from) * ODD);
        int at = from;
        for (; at <= until - Long.BYTES; at += Long.BYTES) {
            hash = mix(hash ^ (long) WORDS.get(bytes, at)) + ODD;
        }
        long tail = 0;
        for (int shift = 0; at < until; at++, shift += Byte.SIZE) {
            tail |= (bytes[at] & 0xffL) << shift;
        }
        return mix(hash ^ tail);
    }

    /** The finalisation of SplitMix64: each bit of the value changes each bit of the result about half of the time. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
