package io.sink.table;

import org.apache.iceberg.ContentFile;

/** A data or delete file contradicts its metadata: it was cut, is damaged, or its writer was wrong. */
public final class DamagedFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message names the file and what is wrong with it */
    public DamagedFileException(String message) {
        super(message);
    }

    /**
     * @param message names the file and what is wrong with it
     * @param cause the exception that showed it
     */
    public DamagedFileException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Compares the number of rows that were read from a file with its manifest. An Avro file that was cut between two
     * blocks reads without an error, and nothing in it tells how many rows it had.
     *
     * @param read number of rows that were read
     * @throws DamagedFileException if the manifest has another number
     * @ref LLP 0020#facts
     */
    public static void requireRows(ContentFile<?> file, long read) {
        if (read != file.recordCount()) {
            throw new DamagedFileException("%s has %d rows by its manifest, and %d were read: it was cut, or is damaged"
                    .formatted(file.location(), file.recordCount(), read));
        }
    }

    /**
     * To be called while the rows of a file are kept: the memory for them was estimated by the manifest.
     *
     * @param read how many rows were read so far
     * @throws DamagedFileException if these are more than the manifest says
     */
    public static void requireNoMore(ContentFile<?> file, long read) {
        if (read > file.recordCount()) {
            throw new DamagedFileException("%s has %d rows by its manifest, and more than that: one of them is damaged"
                    .formatted(file.location(), file.recordCount()));
        }
    }
}
