package io.sink.table;

import java.util.Map;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Reads through another FileIO, and refuses every write and delete; used by dry runs.
 *
 * @ref LLP 0007#refused-writes
 */
public class ReadOnlyFileIO implements FileIO {
    private final FileIO io;

    private ReadOnlyFileIO(FileIO io) {
        this.io = io;
    }

    /** Wraps a FileIO. It can list if the other can, so that a dry run looks for journals where a real one does. */
    public static ReadOnlyFileIO of(FileIO io) {
        return io instanceof SupportsPrefixOperations listing ? new Listing(io, listing) : new ReadOnlyFileIO(io);
    }

    @Override
    public InputFile newInputFile(String path) {
        return io.newInputFile(path);
    }

    @Override
    public InputFile newInputFile(String path, long length) {
        return io.newInputFile(path, length);
    }

    @Override
    public OutputFile newOutputFile(String path) {
        throw new ReadOnlyException("write " + path);
    }

    @Override
    public void deleteFile(String path) {
        throw new ReadOnlyException("delete " + path);
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }

    private static final class Listing extends ReadOnlyFileIO implements SupportsPrefixOperations {
        private final SupportsPrefixOperations listing;

        Listing(FileIO io, SupportsPrefixOperations listing) {
            super(io);
            this.listing = listing;
        }

        @Override
        public void deletePrefix(String prefix) {
            throw new ReadOnlyException("delete everything below " + prefix);
        }

        @Override
        public Iterable<FileInfo> listPrefix(String prefix) {
            return listing.listPrefix(prefix);
        }
    }
}
