/** Parquet files merged by pages: whole pages copied, dictionaries merged, values moved column by column. */
@NullMarked
package io.sink.pages;

import org.jspecify.annotations.NullMarked;
