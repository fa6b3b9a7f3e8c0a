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
        int until) {}
