package io.sink.columns;

import io.sink.columns.ChunkWalk.Page;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * The levels of a page's entries, as runs of integers.
 *
 * @param repetition null if all of them are 0
 * @param definition null if all entries have a value
 * @param end the position of the values in the body
 */
record Levels(int @Nullable [] repetition, int @Nullable [] definition, int end) {
    /**
     * Reads them. Both must take all of the bytes that the page has for them.
     *
     * @param body that of the page, decompressed
     * @throws IllegalArgumentException or IndexOutOfBoundsException if they are not levels of the column
     */
    static Levels of(Page page, byte[] body, ColumnDescriptor column) {
        int entries = page.entries();
        int full = column.getMaxDefinitionLevel();
        int lists = column.getMaxRepetitionLevel();
        if (page.second()) {
            DataPageHeaderV2 said = page.header().getData_page_header_v2();
            int at = said.getRepetition_levels_byte_length();
            int behind = at + said.getDefinition_levels_byte_length();
            return new Levels(
                    levels(body, 0, at, lists, 0, entries), levels(body, at, behind, full, full, entries), behind);
        }
        int at = 0;
        int[] repetition = null;
        int[] definition = null;
        if (lists > 0) {
            int behind = at + 4 + PlainBytes.number32(body, at);
            repetition = levels(body, at + 4, behind, lists, 0, entries);
            at = behind;
        }
        if (full > 0) {
            int behind = at + 4 + PlainBytes.number32(body, at);
            definition = levels(body, at + 4, behind, full, full, entries);
            at = behind;
        }
        return new Levels(repetition, definition, at);
    }

    /** Whether they are runs: pages of the first version can have others. */
    static boolean can(Page page, ColumnDescriptor column) {
        if (page.second()) {
            return true;
        }
        DataPageHeader said = page.header().getData_page_header();
        // Headers name an encoding of levels that the column does not have, too.
        return (column.getMaxDefinitionLevel() == 0 || said.getDefinition_level_encoding() == Encoding.RLE)
                && (column.getMaxRepetitionLevel() == 0 || said.getRepetition_level_encoding() == Encoding.RLE);
    }

    private static int @Nullable [] levels(byte[] body, int from, int until, int max, int usual, int count) {
        int width = 32 - Integer.numberOfLeadingZeros(max);
        if (until > body.length) {
            throw new IllegalArgumentException("levels beyond the end of the page");
        }
        return max == 0 || RunLengths.isRunOf(usual, width, body, from, until, count)
                ? null
                : RunLengths.decode(body, from, until, width, count, max);
    }
}
