package io.sink.columns;

import io.sink.columns.Entries.RawPage;
import io.sink.pages.BrokenPageException;
import io.sink.pages.Codecs;
import io.sink.pages.Fill;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * Compares the entries that a leaf column must have with those that were written, both in their order. A page whose
 * bytes are those of a page that it must have is not decoded.
 *
 * <p>An instance compares one column of one sequence of rows, row group by row group, and is used by one thread at a
 * time.
 */
public final class LeafComparison {
    private final ColumnDescriptor column;
    private final PrimitiveType type;
    private final Codecs codecs;
    private final Supplier<@Nullable Source> sources;
    private @Nullable Entries expected;
    private @Nullable Cursor wanted;
    private @Nullable Translation translation;
    private @Nullable Claims claims;
    /** The chunks of sources that the present one is compared with. */
    private final List<StoredColumn> used = new ArrayList<>();

    /** Where the entries of some rows come from. */
    public sealed interface Source {
        /** From a column chunk. */
        record Stored(StoredColumn column) implements Source {}

        /** The file of these rows does not have the column: each row that is kept has this. */
        record Made(Fill fill, RowRange rows) implements Source {}
    }

    /** For ids of one dictionary, those of another that were found to have the same value; -1 before one is found. */
    private record Translation(Dictionary from, Dictionary to, int[] ids) {}

    /** A block and how far it was compared. */
    private static final class Cursor {
        private final Block block;
        private int entry;
        private int value;
        private int at;

        Cursor(Block block) {
            this.block = block;
            this.at = block.values().from();
        }

        int left() {
            return block.entries() - entry;
        }
    }

    /**
     * @param column the column in the output
     * @param sources gives the sources of the rows in their order, and null after the last
     */
    public LeafComparison(ColumnDescriptor column, Codecs codecs, Supplier<@Nullable Source> sources) {
        this.column = column;
        this.type = column.getPrimitiveType();
        this.codecs = codecs;
        this.sources = sources;
    }

    /**
     * Compares the next entries with all of a chunk that is to be written. Then all entries of every source that was
     * begun must have been compared.
     *
     * @param bloom the Bloom filter that it will have; null if none
     * @throws DifferentEntriesException if they differ
     * @throws BrokenPageException if a source cannot be read
     */
    public WrittenChunk compare(StoredColumn written, @Nullable BloomFilter bloom) {
        ChunkWalk walk = readBack(written, () -> ChunkWalk.of(written, codecs));
        ColumnIndex index = written.index().get();
        BloomFilter stored = bloom == null ? null : asStored(bloom);
        Claims claimed = new Claims(column, walk, index, stored).requireForm();
        claims = claimed;
        Entries chunk = readBack(written, () -> Entries.of(written, walk, column));
        long rows;
        Claims looked;
        try {
            rows = compare(written, chunk, claimed);
            looked = claimed.require() ? claimed : decoded(written, walk, claimed.again());
        } catch (DifferentClaimsException e) {
            // What a source says of its values, a merge says too.
            used.forEach(source -> Claims.requireOwn(source, codecs));
            throw e;
        }
        endSource(rows);
        readBack(written, () -> {
            walk.requireChecksums();
            return walk;
        });
        // What is not needed any more takes memory until the next chunk is written.
        translation = null;
        claims = null;
        used.clear();
        return WrittenChunk.of(walk, rows, index, stored, looked);
    }

    private Claims decoded(StoredColumn written, ChunkWalk walk, Claims anew) {
        Entries all = Entries.of(written, walk, column);
        for (Block block = all.next(); block != null; block = all.next()) {
            anew.add(block);
        }
        anew.require();
        return anew;
    }

    /** The filter by the bytes that are written: one that adapts its size answers by others. */
    private static BloomFilter asStored(BloomFilter bloom) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            bloom.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BlockSplitBloomFilter(bytes.toByteArray());
    }

    /** Reads the last source to its end: its file may be closed after this. */
    private void endSource(long rows) {
        Entries rest = expected;
        expected = null;
        if (wanted != null || rest != null && !rest.ended() && rest.next() != null) {
            throw different("fewer entries than it must have", rows);
        }
    }

    /** Compares all entries, and returns the number of rows. */
    private long compare(StoredColumn written, Entries chunk, Claims claimed) {
        Cursor found = null;
        long rows = 0;
        while (true) {
            if (found == null && wanted == null && !claimed.needsValues()) {
                RawPage page = readBack(written, chunk::raw);
                RawPage same = page == null ? null : expectedAs(page);
                if (page != null && same != null) {
                    readBack(written, () -> {
                        chunk.skipRaw();
                        return page;
                    });
                    claimed.copied(same, page);
                    rows += page.page().entries();
                    continue;
                }
            }
            if (found == null) {
                Block block = readBack(written, chunk::next);
                if (block == null) {
                    return rows;
                }
                found = new Cursor(block);
            }
            Cursor other = wanted();
            if (other == null) {
                throw different("more entries than it must have", rows);
            }
            int count = Math.min(found.left(), other.left());
            int present = levels(other, found, count, rows);
            values(other, found, present, rows);
            rows += rows(found, count);
            found.entry += count;
            other.entry += count;
            if (found.left() == 0) {
                claimed.add(found.block);
                found = null;
            }
            wanted = other.left() == 0 ? null : other;
        }
    }

    private static <T extends @Nullable Object> T readBack(StoredColumn written, Supplier<T> read) {
        try {
            return read.get();
        } catch (DifferentEntriesException e) {
            throw e;
        } catch (RuntimeException e) {
            String what = e instanceof BrokenPageException ? e.getMessage() : e.toString();
            throw new DifferentEntriesException(
                    "column " + written.chunk().getPath().toDotString() + " of " + written.file()
                            + " would be written and cannot be read: " + what);
        }
    }

    private DifferentEntriesException different(String what, long row) {
        return new DifferentEntriesException("column " + String.join(".", column.getPath()) + " has " + what
                + ", after " + row + " rows that are as they must be");
    }

    private @Nullable Cursor wanted() {
        while (wanted == null) {
            Entries from = source();
            if (from == null) {
                return null;
            }
            Block block = from.next();
            if (block == null) {
                expected = null;
            } else {
                wanted = new Cursor(block);
            }
        }
        return wanted;
    }

    private @Nullable Entries source() {
        while (expected == null || expected.ended()) {
            Source next = sources.get();
            if (next == null) {
                return null;
            }
            StoredColumn stored = next instanceof Source.Stored of ? of.column() : null;
            Objects.requireNonNull(claims).source(stored);
            if (stored != null) {
                used.add(stored);
            }
            expected = Entries.of(next, column, codecs);
        }
        return expected;
    }

    /** The next page that is expected, left out, if it has the same bytes; else null. */
    private @Nullable RawPage expectedAs(RawPage page) {
        Entries from = source();
        RawPage must = from == null ? null : from.raw();
        if (from == null
                || must == null
                || must.stored().chunk().getCodec() != page.stored().chunk().getCodec()
                || !sameBytes(must.bytes(), page.bytes())) {
            return null;
        }
        Dictionary wantedIds = must.dictionary();
        Dictionary foundIds = page.dictionary();
        boolean same = wantedIds != null && foundIds != null ? wantedIds.same(foundIds) : wantedIds == foundIds;
        if (!same) {
            return null;
        }
        from.skipRaw();
        return must;
    }

    private static boolean sameBytes(ByteBuffer one, ByteBuffer other) {
        boolean shared = one.array() == other.array()
                && one.arrayOffset() + one.position() == other.arrayOffset() + other.position()
                && one.remaining() == other.remaining();
        return shared || one.equals(other);
    }

    private static int rows(Cursor of, int count) {
        int[] repetition = of.block.repetition();
        if (repetition == null) {
            return count;
        }
        int rows = 0;
        for (int i = of.entry; i < of.entry + count; i++) {
            rows += repetition[i] == 0 ? 1 : 0;
        }
        return rows;
    }

    /** Compares the levels, and returns how many of the entries have a value. */
    private int levels(Cursor one, Cursor other, int count, long row) {
        int[] repetition = one.block.repetition();
        int[] otherRepetition = other.block.repetition();
        for (int i = 0; i < count && (repetition != null || otherRepetition != null); i++) {
            if ((repetition == null ? 0 : repetition[one.entry + i])
                    != (otherRepetition == null ? 0 : otherRepetition[other.entry + i])) {
                throw different("another list", row);
            }
        }
        int full = column.getMaxDefinitionLevel();
        int[] definition = one.block.definition();
        int[] otherDefinition = other.block.definition();
        if (definition == null && otherDefinition == null) {
            return count;
        }
        boolean same = definition != null && otherDefinition != null
                ? Arrays.equals(
                        definition, one.entry, one.entry + count, otherDefinition, other.entry, other.entry + count)
                : definition != null
                        ? all(full, definition, one.entry, count)
                        : all(full, otherDefinition, other.entry, count);
        if (!same) {
            throw different("a null or a value where the other belongs", row);
        }
        return count == one.block.entries()
                ? one.block.present()
                : count == other.block.entries() ? other.block.present() : present(one, count);
    }

    private static boolean all(int level, int @Nullable [] levels, int from, int count) {
        for (int i = from; levels != null && i < from + count; i++) {
            if (levels[i] != level) {
                return false;
            }
        }
        return true;
    }

    private int present(Cursor of, int count) {
        int[] definition = of.block.definition();
        if (definition == null) {
            return count;
        }
        int full = column.getMaxDefinitionLevel();
        int present = 0;
        for (int i = of.entry, end = i + count; i < end; i++) {
            present += definition[i] == full ? 1 : 0;
        }
        return present;
    }

    private void values(Cursor one, Cursor other, int count, long row) {
        Values wantedValues = one.block.values();
        Values foundValues = other.block.values();
        if (wantedValues.dictionary() == null && foundValues.dictionary() == null) {
            int end = count == one.left()
                    ? wantedValues.until()
                    : Values.behind(wantedValues.plain(), one.at, wantedValues.until(), count, type);
            int otherEnd = other.at + end - one.at;
            if (otherEnd > foundValues.until()
                    || !Arrays.equals(wantedValues.plain(), one.at, end, foundValues.plain(), other.at, otherEnd)) {
                throw different("another value", row);
            }
            one.at = end;
            other.at = otherEnd;
        } else if (wantedValues.dictionary() != null && foundValues.dictionary() != null) {
            ids(one, other, count, row);
        } else {
            boolean coded = wantedValues.dictionary() != null;
            mixed(coded ? one : other, coded ? other : one, count, row);
        }
        one.value += count;
        other.value += count;
    }

    private void ids(Cursor one, Cursor other, int count, long row) {
        Dictionary from = one.block.values().dictionary();
        Dictionary to = other.block.values().dictionary();
        int[] wantedIds = one.block.values().ids();
        int[] foundIds = other.block.values().ids();
        if (from == null || to == null || wantedIds == null || foundIds == null) {
            throw new IllegalStateException("no ids");
        }
        Translation known = translation;
        if (known == null || known.from() != from || known.to() != to) {
            int[] none = new int[from.count()];
            Arrays.fill(none, -1);
            known = new Translation(from, to, none);
            translation = known;
        }
        int[] map = known.ids();
        int other0 = other.value - one.value;
        for (int i = one.value, end = i + count; i < end; i++) {
            int id = wantedIds[i];
            int found = foundIds[other0 + i];
            if (map[id] != found) {
                if (!from.sameValue(id, to, found)) {
                    throw different("another value", row);
                }
                // A dictionary may have a value twice, so this is not the only id that it can be.
                map[id] = found;
            }
        }
    }

    /** Compares ids with plain values, which have the same bytes as the values of the dictionary. */
    private void mixed(Cursor coded, Cursor plain, int count, long row) {
        Dictionary dictionary = coded.block.values().dictionary();
        int[] ids = coded.block.values().ids();
        if (dictionary == null || ids == null) {
            throw new IllegalStateException("no ids");
        }
        byte[] entries = dictionary.plain();
        byte[] bytes = plain.block.values().plain();
        int end = plain.block.values().until();
        int at = plain.at;
        for (int i = coded.value, last = i + count; i < last; i++) {
            int from = dictionary.from(ids[i]);
            int until = dictionary.until(ids[i]);
            int behind = at + until - from;
            if (behind > end || !Arrays.equals(entries, from, until, bytes, at, behind)) {
                throw different("another value", row);
            }
            at = behind;
        }
        plain.at = at;
    }
}
