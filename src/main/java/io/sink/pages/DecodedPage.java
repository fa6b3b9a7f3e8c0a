package io.sink.pages;

import org.jspecify.annotations.Nullable;

/**
 * A decoded data page: levels as numbers, values as dictionary ids or in plain encoding.
 *
 * @param entries number of values and nulls
 * @param rows number of rows in the page; it begins with a row
 * @param repetition repetition levels of the entries; null if the column does not repeat
 * @param definition the output's definition levels of the entries; null if every entry has a value
 * @param present number of entries with a value
 * @param ids dictionary ids of the values; null for plain values
 * @param plain array that holds the plain values
 * @param from position of the first plain value in the array
 * @param until position after the last plain value
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

    /** The number of the entry after this many rows, the first of which begins at {@code entry}. */
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

    /** The number of these entries that have a value: those with the definition level {@code full}. */
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
