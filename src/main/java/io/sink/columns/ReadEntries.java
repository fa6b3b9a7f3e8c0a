package io.sink.columns;

import io.sink.pages.BrokenPageException;
import io.sink.pages.Fill;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.jspecify.annotations.Nullable;

/** The entries of a chunk by Parquet's own column reader, value by value: any encoding, any change of type. */
final class ReadEntries implements Entries {
    private static final int AT_ONCE = 4096;
    private static final int MOST_BYTES = 1 << 20;
    private static final ParsedVersion NOBODY = new ParsedVersion("nobody", null, null);

    private final StoredColumn stored;
    private final ColumnDescriptor output;
    private final String where;
    private final ColumnReader reader;
    private final Widening widening;
    private long left;
    private int row = -1;
    private boolean kept;

    /** @param output the column in the output */
    ReadEntries(StoredColumn stored, ColumnDescriptor output, ChunkWalk walk) {
        this.stored = stored;
        this.output = output;
        this.where = walk.where();
        this.reader = reading(() -> new ColumnReaderImpl(
                stored.column(),
                walk.reader(stored.column()),
                new PrimitiveConverter() {},
                stored.writer() == null ? NOBODY : stored.writer()));
        this.widening = Widening.of(stored.column().getPrimitiveType(), stored.output());
        this.left = reader.getTotalValueCount();
    }

    /** Parquet's reader fails with exceptions of every kind, and names no file. */
    private <T extends @Nullable Object> T reading(Supplier<T> read) {
        try {
            return read.get();
        } catch (RuntimeException e) {
            throw e instanceof BrokenPageException
                    ? e
                    : new BrokenPageException("values that cannot be read in " + where, e);
        }
    }

    @Override
    public @Nullable Block next() {
        return reading(this::block);
    }

    private @Nullable Block block() {
        int[] repetition = new int[AT_ONCE];
        int[] definition = new int[AT_ONCE];
        PlainBytes plain = new PlainBytes();
        int full = stored.column().getMaxDefinitionLevel();
        int entries = 0;
        int present = 0;
        for (; left > 0 && entries < AT_ONCE && plain.size() < MOST_BYTES; left--) {
            if (reader.getCurrentRepetitionLevel() == 0) {
                row++;
                kept = stored.rows().keeps(row);
            }
            int level = reader.getCurrentDefinitionLevel();
            if (kept) {
                repetition[entries] = reader.getCurrentRepetitionLevel();
                if (level == full) {
                    definition[entries] = output.getMaxDefinitionLevel();
                    widening.write(reader, stored.column().getPrimitiveType(), stored.output(), plain);
                } else {
                    definition[entries] = missing(level, plain);
                }
                present += definition[entries] == output.getMaxDefinitionLevel() ? 1 : 0;
                entries++;
            } else if (level == full) {
                reader.skip();
            }
            reader.consume();
        }
        if (left == 0 && row + 1 != stored.rows().count()) {
            throw new BrokenPageException((row + 1) + " rows in "
                    + stored.chunk().getPath().toDotString() + " of "
                    + stored.file() + ", and "
                    + stored.rows().count() + " in its row group");
        }
        if (entries == 0) {
            return null;
        }
        byte[] bytes = plain.toByteArray();
        return new Block(
                entries,
                present,
                output.getMaxRepetitionLevel() == 0 ? null : Arrays.copyOf(repetition, entries),
                Arrays.copyOf(definition, entries),
                Values.plain(bytes, 0, bytes.length));
    }

    private int missing(int level, PlainBytes plain) {
        Fill nulls = stored.nulls();
        if (nulls != null && !(nulls instanceof Fill.Nulls)) {
            MadeEntries.write(nulls, stored.rows().first() + row, output, plain);
            return output.getMaxDefinitionLevel();
        }
        int[] levels = stored.levels();
        return levels == null ? level : levels[level];
    }
}
