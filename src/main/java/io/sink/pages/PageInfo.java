package io.sink.pages;

import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;

/**
 * What a chunk needs to know about a page besides its bytes.
 *
 * @param values number of entries, nulls included
 * @param rows number of rows that begin in the page
 * @param statistics statistics of the page, with its number of nulls; bounds may be truncated
 * @param encoding encoding of the values
 * @param secondVersion whether it is a page of the second version, whose levels are not compressed
 */
record PageInfo(int values, int rows, Statistics<?> statistics, Encoding encoding, boolean secondVersion) {}
