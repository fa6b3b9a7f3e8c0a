package io.sink.storage;

import io.sink.table.TableFile;

/**
 * A file that was looked at and is there.
 *
 * @param bytes its length as the storage says
 */
public record FoundFile(TableFile file, long bytes) {}
