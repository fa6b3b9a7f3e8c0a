package io.sink.pages;

import io.sink.pages.ChunkPages.Page;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** Decodes data pages of one chunk, dictionary-encoded or plain, and removes rows. */
final class PageDecoder {
    private static final byte[] NONE = {};

    private final ChunkPages pages;
    private final StoredLeaf leaf;
    private final ColumnDescriptor column;
    private final Codecs codecs;
    private final Buffers buffers;

    PageDecoder(ChunkPages pages, StoredLeaf leaf, Codecs codecs, Buffers buffers) {
        this.buffers = buffers;
        this.pages = pages;
        this.leaf = leaf;
        this.column = leaf.column();
        this.codecs = codecs;
    }

    /**
     * Decodes one page. Its plain values are in an array that may be returned to the buffers.
     *
     * @param dictionarySize number of values in the chunk's dictionary; every id is less
     * @throws NotByPageException if its encoding is not supported here
     * @throws BrokenPageException if it cannot be decoded
     */
    DecodedPage decode(Page page, int dictionarySize) throws NotByPageException {
        int length = page.header().getUncompressed_page_size();
        byte[] body = buffers.take(length);
        pages.body(page, codecs, body);
        try {
            DecodedPage decoded = decode(page, body, length, dictionarySize);
            if (decoded.plain() != body) {
                buffers.give(body);
            }
            return decoded;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw pages.broken("a page cannot be decoded", e);
        }
    }

    /** Positions of the levels in the body of a page; the values follow. */
    private record Levels(int repetition, int repetitionEnd, int definition, int definitionEnd) {}

    private Levels levelsOf(Page page, byte[] body, int length) throws NotByPageException {
        if (page.isV2()) {
            DataPageHeaderV2 said = page.header().getData_page_header_v2();
            int repetitionEnd = said.getRepetition_levels_byte_length();
            return new Levels(0, repetitionEnd, repetitionEnd, repetitionEnd + said.getDefinition_levels_byte_length());
        }
        DataPageHeader said = page.header().getData_page_header();
        refuseOldLevels(column.getMaxRepetitionLevel(), said.getRepetition_level_encoding());
        refuseOldLevels(column.getMaxDefinitionLevel(), said.getDefinition_level_encoding());
        boolean repeats = column.getMaxRepetitionLevel() > 0;
        boolean optional = column.getMaxDefinitionLevel() > 0;
        int repetitionEnd = repeats ? end(body, 0, length) : 0;
        return new Levels(
                repeats ? 4 : 0,
                repetitionEnd,
                repetitionEnd + (optional ? 4 : 0),
                optional ? end(body, repetitionEnd, length) : repetitionEnd);
    }

    private static int rows(int[] repetition, int entries) throws NotByPageException {
        if (entries > 0 && repetition[0] != 0) {
            throw new NotByPageException("a page that begins within a row");
        }
        int rows = 0;
        for (int i = 0; i < entries; i++) {
            rows += repetition[i] == 0 ? 1 : 0;
        }
        return rows;
    }

    private DecodedPage decode(Page page, byte[] body, int length, int dictionarySize) throws NotByPageException {
        int entries = page.values();
        Levels at = levelsOf(page, body, length);
        int full = column.getMaxDefinitionLevel();
        int[] repetition = levels(body, at.repetition(), at.repetitionEnd(), column.getMaxRepetitionLevel(), entries);
        boolean allPresent = full > 0
                && HybridInts.isRun(body, at.definition(), at.definitionEnd(), HybridInts.width(full), full, entries);
        int[] definition = allPresent ? null : levels(body, at.definition(), at.definitionEnd(), full, entries);
        int definitionEnd = at.definitionEnd();
        int rows = repetition == null ? entries : rows(repetition, entries);
        int present = entries;
        if (definition != null) {
            present = 0;
            for (int i = 0; i < entries; i++) {
                present += definition[i] == full ? 1 : 0;
                definition[i] = leaf.level(definition[i]);
            }
        }
        int[] kept = present == entries ? null : definition;
        if (page.encoding().usesDictionary()) {
            return new DecodedPage(
                    entries,
                    rows,
                    repetition,
                    kept,
                    present,
                    ids(body, definitionEnd, length, present, dictionarySize),
                    NONE,
                    0,
                    0);
        }
        if (page.encoding() != Encoding.PLAIN
                || column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BOOLEAN) {
            throw new NotByPageException("encoding " + page.encoding());
        }
        if (PlainValues.skip(column.getPrimitiveType(), body, definitionEnd, length, present) != length) {
            throw new NotByPageException("bytes behind the last value of a page");
        }
        return new DecodedPage(entries, rows, repetition, kept, present, null, body, definitionEnd, length);
    }

    /**
     * Checks the levels of a page of the second version, which are not compressed: only its header, which no checksum
     * covers, says where they end. Of a page of the first version it checks the encoding of the levels.
     *
     * @throws NotByPageException if they contradict the header or the file's statistics. Reading the values then shows
     *     whether the page is damaged or its writer counts in its own way
     */
    void requireLevels(Page page, long nulls) throws NotByPageException {
        if (!page.isV2()) {
            requireNewLevels(page);
            return;
        }
        DataPageHeaderV2 said = page.header().getData_page_header_v2();
        byte[] bytes = pages.verbatim(page).array();
        int repetitionEnd = page.body() + said.getRepetition_levels_byte_length();
        int definitionEnd = repetitionEnd + said.getDefinition_levels_byte_length();
        int rows = 0;
        int present = 0;
        try {
            int[] repetition = levels(bytes, page.body(), repetitionEnd, column.getMaxRepetitionLevel(), page.values());
            int[] definition =
                    levels(bytes, repetitionEnd, definitionEnd, column.getMaxDefinitionLevel(), page.values());
            for (int i = 0; i < page.values(); i++) {
                rows += repetition == null || repetition[i] == 0 ? 1 : 0;
                present += definition == null || definition[i] == column.getMaxDefinitionLevel() ? 1 : 0;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new NotByPageException("levels that cannot be decoded");
        }
        int none = page.values() - present;
        if (rows != said.getNum_rows() || none != nulls || none != said.getNum_nulls()) {
            throw new NotByPageException("a page whose header has other counts than its levels");
        }
    }

    /** The numbers of rows and nulls by the levels of a page. */
    record Counts(int rows, int nulls) {}

    /**
     * Counts rows and nulls by the levels of a page.
     *
     * @param body the page, decompressed
     * @throws NotByPageException if the encoding of its levels is not supported here
     * @throws BrokenPageException if they cannot be decoded
     */
    Counts count(Page page, byte[] body) throws NotByPageException {
        int entries = page.values();
        int full = column.getMaxDefinitionLevel();
        try {
            Levels at = levelsOf(page, body, page.header().getUncompressed_page_size());
            int[] repetition =
                    levels(body, at.repetition(), at.repetitionEnd(), column.getMaxRepetitionLevel(), entries);
            int rows = repetition == null ? entries : rows(repetition, entries);
            if (full == 0
                    || HybridInts.isRun(
                            body, at.definition(), at.definitionEnd(), HybridInts.width(full), full, entries)) {
                return new Counts(rows, 0);
            }
            int[] definition = levels(body, at.definition(), at.definitionEnd(), full, entries);
            int nulls = entries;
            for (int i = 0; definition != null && i < entries; i++) {
                nulls -= definition[i] == full ? 1 : 0;
            }
            return new Counts(rows, nulls);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw pages.broken("levels that cannot be decoded", e);
        }
    }

    /** Writers of checksums never use the old encoding of levels, so that such a page has a damaged header. */
    private void requireNewLevels(Page page) throws NotByPageException {
        DataPageHeader said = page.header().getData_page_header();
        try {
            refuseOldLevels(column.getMaxRepetitionLevel(), said.getRepetition_level_encoding());
            refuseOldLevels(column.getMaxDefinitionLevel(), said.getDefinition_level_encoding());
        } catch (NotByPageException e) {
            if (page.header().isSetCrc()) {
                throw pages.broken(String.valueOf(e.getMessage()), e);
            }
            throw e;
        }
    }

    private static void refuseOldLevels(int max, org.apache.parquet.format.@Nullable Encoding encoding)
            throws NotByPageException {
        if (max > 0 && encoding != org.apache.parquet.format.Encoding.RLE) {
            throw new NotByPageException("levels of encoding " + encoding);
        }
    }

    private static int end(byte[] body, int lengthAt, int until) {
        int length = until - lengthAt < 4 ? -1 : PlainValues.number(body, lengthAt);
        if (length < 0 || length > until - lengthAt - 4) {
            throw new IllegalArgumentException("levels of " + length + " bytes");
        }
        return lengthAt + 4 + length;
    }

    private static int @Nullable [] levels(byte[] body, int at, int end, int max, int entries) {
        if (max == 0) {
            return null;
        }
        int[] levels = new int[HybridInts.room(entries)];
        HybridInts.decode(body, at, end, HybridInts.width(max), levels, entries);
        for (int i = 0; i < entries; i++) {
            if (levels[i] < 0 || levels[i] > max) {
                throw new IllegalArgumentException("a level of " + levels[i]);
            }
        }
        return levels;
    }

    private static int[] ids(byte[] body, int at, int until, int present, int dictionarySize) {
        int[] ids = new int[HybridInts.room(present)];
        if (present > 0) {
            if (at >= until) {
                throw new IllegalArgumentException("no dictionary ids");
            }
            HybridInts.decode(body, at + 1, until, body[at], ids, present);
        }
        for (int i = 0; i < present; i++) {
            if (ids[i] < 0 || ids[i] >= dictionarySize) {
                throw new IllegalArgumentException("a dictionary id of " + ids[i]);
            }
        }
        return ids;
    }

    /**
     * The page without its dropped rows; rows that stay are copied run by run.
     *
     * @param part knows the dropped rows
     * @param first the number of the page's first row in the row group
     * @param fullLevel the output's definition level of a value
     */
    DecodedPage filter(DecodedPage page, RowGroupPart part, int first, int fullLevel) {
        int[] repetition = page.repetition() == null ? null : new int[page.entries()];
        int[] definition = page.definition() == null ? null : new int[page.entries()];
        int[] ids = page.ids() == null ? null : new int[HybridInts.room(page.present())];
        byte[] plain = page.ids() == null ? buffers.take(page.until() - page.from()) : NONE;
        int entries = 0;
        int rows = 0;
        int present = 0;
        int length = 0;
        int row = 0;
        int entry = 0;
        int value = 0;
        int at = page.from();
        while (row < page.rows()) {
            boolean kept = part.keeps(first + row);
            int nextRow = Math.min(part.endOfRun(first + row) - first, page.rows());
            int nextEntry = page.behind(entry, nextRow - row);
            int values = page.values(entry, nextEntry, fullLevel);
            int next = page.ids() == null
                    ? PlainValues.skip(column.getPrimitiveType(), page.plain(), at, page.until(), values)
                    : at;
            if (kept) {
                int count = nextEntry - entry;
                if (repetition != null && page.repetition() != null) {
                    System.arraycopy(page.repetition(), entry, repetition, entries, count);
                }
                if (definition != null && page.definition() != null) {
                    System.arraycopy(page.definition(), entry, definition, entries, count);
                }
                if (ids != null && page.ids() != null) {
                    System.arraycopy(page.ids(), value, ids, present, values);
                } else {
                    System.arraycopy(page.plain(), at, plain, length, next - at);
                    length += next - at;
                }
                entries += count;
                rows += nextRow - row;
                present += values;
            }
            row = nextRow;
            entry = nextEntry;
            value += values;
            at = next;
        }
        buffers.give(page.plain());
        return new DecodedPage(
                entries, rows, repetition, present == entries ? null : definition, present, ids, plain, 0, length);
    }
}
