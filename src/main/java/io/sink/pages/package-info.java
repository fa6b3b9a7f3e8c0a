/** Merges Parquet files by pages: copies whole pages, merges dictionaries, and copies other values by column. */
@NullMarked
package io.sink.pages;

import org.jspecify.annotations.NullMarked;
