package io.sink.catalog;

import java.io.IOException;
import java.util.List;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NotFoundException;

/** The metadata directory of one table without a catalog, on one kind of storage. */
interface MetadataStore {

    /**
     * Every metadata version, in no order; none if the directory is missing.
     *
     * @throws org.apache.iceberg.exceptions.RuntimeIOException if it cannot be listed in full
     */
    List<MetadataVersion> versions();

    /** Whether there is any version; cheaper than {@link #versions}. */
    boolean holdsVersions();

    /**
     * The content of a file of the directory.
     *
     * @throws NotFoundException if there is no such file
     */
    byte[] read(String fileName);

    /**
     * Creates a file whole or not at all, and only if the name is free. This is the commit: of any number of writers,
     * one succeeds.
     *
     * @throws AlreadyExistsException if the name is taken, but not by this call
     * @throws NothingCommittedException if it failed and the file was certainly not created
     * @throws CommitStateUnknownException if the file may have been created
     */
    void create(String fileName, byte[] content);

    /** Replaces {@code version-hint.text} as a whole. */
    void writeHint(long version) throws IOException;
}
