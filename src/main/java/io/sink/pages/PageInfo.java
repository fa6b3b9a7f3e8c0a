package io.sink.pages;

import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;

/**
 * What a chunk has to know of one of its pages beside its bytes.
 *
 * @param values its entries, nulls included
 * @param rows that begin in it
 * @param statistics of the page, its nulls counted; bounds may be cut
 * @param encoding of its values
 * @param secondVersion whether it is a page of the second version, whose levels are not compressed
 */
record PageInfo(int values, int rows, Statistics<?> statistics, Encoding encoding, boolean secondVersion) {}
