package io.sink.table;

import org.apache.iceberg.ContentFile;

/** A data or delete file is not what it is said to be: it was cut, it is damaged, or its writer was wrong. */
public final class DamagedFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message the file, and what is wrong with it */
    public DamagedFileException(String message) {
        super(message);
    }

    /** @param cause what was thrown when it was found out */
    public DamagedFileException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Holds the rows that were read of a file against its manifest. An Avro file that was cut between two blocks reads
     * well; nothing in it says how many there were.
     *
     * @param read rows that were read
     * @throws DamagedFileException if it has others
     * @ref LLP 0020#facts
     */
    public static void requireRows(ContentFile<?> file, long read) {
        if (read != file.recordCount()) {
            throw new DamagedFileException("%s has %d rows by its manifest, and %d were read: it was cut, or is damaged"
                    .formatted(file.location(), file.recordCount(), read));
        }
    }
}
