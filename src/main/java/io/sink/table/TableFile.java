package io.sink.table;

/**
 * A file of a table.
 *
 * @param path as the table's metadata spells it
 * @param kind what it is to the table
 */
public record TableFile(String path, FileKind kind) {}
