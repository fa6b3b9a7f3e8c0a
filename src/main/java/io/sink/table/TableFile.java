package io.sink.table;

/**
 * A file of a table.
 *
 * @param path the file's location as the table's metadata spells it
 * @param kind the kind of file
 */
public record TableFile(String path, FileKind kind) {}
