package io.sink.columns;

import io.sink.columns.ChunkWalk.Page;
import io.sink.pages.BrokenPageException;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** The entries of a chunk page by page: values in plain encoding or as dictionary ids, of unchanged type. */
final class PageEntries implements Entries {
    private final StoredColumn stored;
    private final ColumnDescriptor column;
    private final PrimitiveType type;
    private final ChunkWalk walk;
    private final int full;
    private final @Nullable Dictionary dictionary;
    private int next;
    private int row;

    PageEntries(StoredColumn stored, ChunkWalk walk) {
        this.stored = stored;
        this.column = stored.column();
        this.type = column.getPrimitiveType();
        this.walk = walk;
        this.full = column.getMaxDefinitionLevel();
        Page page = walk.dictionary();
        this.dictionary = page == null ? null : dictionary(page);
    }

    private Dictionary dictionary(Page page) {
        try {
            int values = page.header().getDictionary_page_header().getNum_values();
            return new Dictionary(walk.body(page), values, type);
        } catch (IllegalArgumentException | NegativeArraySizeException e) {
            throw new BrokenPageException("a dictionary that cannot be read in " + walk.where(), e);
        }
    }

    /** Whether this class can decode every page of the chunk. */
    static boolean can(StoredColumn stored, ChunkWalk walk) {
        // A list may go on in the next page, and there only the reader knows whether its row is deleted.
        boolean cut =
                stored.column().getMaxRepetitionLevel() > 0 && stored.rows().dropped() != null;
        if (cut
                || !stored.unchanged()
                || stored.column().getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BOOLEAN) {
            return false;
        }
        for (Page page : walk.pages()) {
            Encoding encoding = page.encoding();
            if (encoding != Encoding.PLAIN && !(encoding.usesDictionary() && walk.dictionary() != null)) {
                return false;
            }
            if (!Levels.can(page, stored.column())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean ended() {
        return next == walk.pages().size();
    }

    @Override
    public @Nullable RawPage raw() {
        if (ended() || column.getMaxRepetitionLevel() > 0 || stored.levels() != null) {
            return null;
        }
        Page page = walk.pages().get(next);
        return stored.rows().keepsAll(row, row + page.entries())
                ? new RawPage(
                        stored, next, walk.stored(page), page, page.encoding().usesDictionary() ? dictionary : null)
                : null;
    }

    @Override
    public void skipRaw() {
        row += walk.pages().get(next++).entries();
        requireRows();
    }

    private void requireRows() {
        if (ended() && row != stored.rows().count()) {
            throw new BrokenPageException(
                    row + " rows in " + walk.where() + ", and " + stored.rows().count() + " in its row group");
        }
    }

    @Override
    public @Nullable Block next() {
        while (next < walk.pages().size()) {
            Page page = walk.pages().get(next++);
            Block block;
            try {
                block = decoded(page, walk.body(page));
            } catch (RuntimeException e) {
                throw e instanceof BrokenPageException broken
                        ? broken
                        : new BrokenPageException("a page that cannot be read in " + walk.where(), e);
            }
            requireRows();
            if (block.entries() > 0) {
                return block;
            }
        }
        return null;
    }

    private Block decoded(Page page, byte[] body) {
        int entries = page.entries();
        Levels levels = Levels.of(page, body, column);
        int[] repetition = levels.repetition();
        int[] definition = levels.definition();
        int at = levels.end();
        int present = entries;
        if (definition != null) {
            present = 0;
            for (int level : definition) {
                present += level == full ? 1 : 0;
            }
        }
        Dictionary entriesOf = dictionary;
        Values values;
        if (page.encoding().usesDictionary() && entriesOf != null) {
            // Of a page without values there may be the width of its ids, or not even that.
            int[] ids = present == 0
                    ? new int[0]
                    : RunLengths.decode(body, at + 1, body.length, body[at], present, entriesOf.count() - 1);
            values = Values.ids(ids, entriesOf);
        } else {
            int behind = Values.behind(body, at, body.length, present, type);
            if (behind != body.length) {
                throw new IllegalArgumentException(
                        (body.length - behind) + " bytes are left after " + present + " values");
            }
            values = Values.plain(body, at, behind);
        }
        int first = row;
        row += rows(repetition, entries);
        Block whole = new Block(entries, present, repetition, present == entries ? null : definition, values);
        return kept(whole, first);
    }

    private static int rows(int @Nullable [] repetition, int entries) {
        if (repetition == null) {
            return entries;
        }
        int rows = 0;
        for (int level : repetition) {
            rows += level == 0 ? 1 : 0;
        }
        return rows;
    }

    /** The block without the entries of deleted rows, its levels by the schema of the output. */
    private Block kept(Block whole, int first) {
        int[] levels = stored.levels();
        int[] definition = whole.definition();
        if (definition != null && levels != null) {
            for (int i = 0; i < definition.length; i++) {
                definition[i] = definition[i] == full ? Integer.MAX_VALUE : levels[definition[i]];
            }
        }
        if (stored.rows().keepsAll(first, row)) {
            return definition == null || levels == null ? whole : mapped(whole, definition, levels[full]);
        }
        return filtered(whole, first, levels == null ? full : levels[full], levels == null ? full : Integer.MAX_VALUE);
    }

    private static Block mapped(Block whole, int[] definition, int value) {
        for (int i = 0; i < definition.length; i++) {
            definition[i] = definition[i] == Integer.MAX_VALUE ? value : definition[i];
        }
        return new Block(whole.entries(), whole.present(), whole.repetition(), definition, whole.values());
    }

    /**
     * @param value the output's level of a value
     * @param mark the level by which the definition levels of the block mark a value
     */
    private Block filtered(Block whole, int first, int value, int mark) {
        int[] repetition = whole.repetition();
        int[] definition = whole.definition();
        int[] ids = whole.values().ids();
        byte[] plain = whole.values().plain();
        int[] keptRepetition = repetition == null ? null : new int[whole.entries()];
        int[] keptDefinition = definition == null ? null : new int[whole.entries()];
        int[] keptIds = ids == null ? null : new int[ids.length];
        byte[] keptPlain =
                ids == null ? new byte[whole.values().until() - whole.values().from()] : new byte[0];
        int entries = 0;
        int values = 0;
        int length = 0;
        int now = first - 1;
        int position = 0;
        int at = whole.values().from();
        int present = 0;
        boolean keeps = false;
        for (int i = 0; i < whole.entries(); i++) {
            if (repetition == null || repetition[i] == 0) {
                keeps = stored.rows().keeps(++now);
            }
            boolean isPresent = definition == null || definition[i] == mark;
            int behind = isPresent && ids == null
                    ? Values.behind(plain, at, whole.values().until(), 1, type)
                    : at;
            if (keeps) {
                if (keptRepetition != null && repetition != null) {
                    keptRepetition[entries] = repetition[i];
                }
                if (keptDefinition != null && definition != null) {
                    keptDefinition[entries] = isPresent ? value : definition[i];
                }
                if (isPresent && keptIds != null && ids != null) {
                    keptIds[values++] = ids[position];
                } else if (isPresent) {
                    System.arraycopy(plain, at, keptPlain, length, behind - at);
                    length += behind - at;
                }
                present += isPresent ? 1 : 0;
                entries++;
            }
            position += isPresent ? 1 : 0;
            at = behind;
        }
        Values kept = keptIds == null || whole.values().dictionary() == null
                ? Values.plain(keptPlain, 0, length)
                : Values.ids(keptIds, whole.values().dictionary());
        return new Block(entries, present, keptRepetition, keptDefinition, kept);
    }
}
