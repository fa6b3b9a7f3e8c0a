package io.sink.table;

/**
 * A file that was looked at and is there.
 *
 * @param bytes its length as the storage says
 */
public record FoundFile(TableFile file, long bytes) {}
