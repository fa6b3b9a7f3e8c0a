package io.sink.pages;

import java.util.Map;
import org.apache.parquet.column.statistics.Statistics;

/**
 * A column chunk that is ready to be written.
 *
 * @param chunk the pages of the chunk
 * @param statistics the statistics of the whole chunk: exact, or without bounds
 * @param shares compressed bytes of the sources by what was done with them
 */
record BuiltChunk(ChunkBuilder chunk, Statistics<?> statistics, Map<Share, Long> shares) {}
