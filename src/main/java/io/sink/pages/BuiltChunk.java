package io.sink.pages;

import io.sink.pages.ChunkCheck.NewChunk;
import java.util.Map;

/**
 * A column chunk that is ready to be written.
 *
 * @param chunk the pages of the chunk
 * @param made what will be written
 * @param shares compressed bytes of the sources by what was done with them
 */
record BuiltChunk(ChunkBuilder chunk, NewChunk made, Map<Share, Long> shares) {}
