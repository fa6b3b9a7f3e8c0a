package io.sink.pages;

import org.jspecify.annotations.Nullable;

/**
 * A data page taken apart: levels as numbers, values as dictionary ids or as they stand in a plain page.
 *
 * @param entries values and nulls
 * @param rows rows that begin in the page, which are all it has
 * @param repetition levels of the entries; null where the column does not repeat
 * @param definition levels of the entries in the output's terms; null where every entry has a value
 * @param present entries with a value
 * @param ids dictionary ids of the values; null for plain values
 * @param plain bytes that hold the plain values
 * @param from position of the first plain value
 * @param until position behind the last one
 */
record DecodedPage(
        int entries,
        int rows,
        int @Nullable [] repetition,
        int @Nullable [] definition,
        int present,
        int @Nullable [] ids,
        byte[] plain,
        int from,
        int until) {

    /** The position behind the entries of so many rows, of which this entry begins the first. */
    int behind(int entry, int count) {
        if (repetition == null) {
            return entry + count;
        }
        int at = entry;
        for (int begun = 0; at < entries; at++) {
            if (repetition[at] == 0 && begun++ == count) {
                return at;
            }
        }
        return at;
    }

    /** Entries among these that have a value, which is what a definition level of {@code full} says. */
    int values(int from, int until, int full) {
        if (definition == null) {
            return until - from;
        }
        int values = 0;
        for (int i = from; i < until; i++) {
            values += definition[i] == full ? 1 : 0;
        }
        return values;
    }
}
