package io.sink.table;

import java.util.Map;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Reads through another FileIO and refuses every write and every delete: what a dry run holds.
 *
 * @ref LLP 0007#refused-writes
 */
public final class ReadOnlyFileIO implements SupportsPrefixOperations {
    private final FileIO io;

    public ReadOnlyFileIO(FileIO io) {
        this.io = io;
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
    public void deletePrefix(String prefix) {
        throw new ReadOnlyException("delete everything below " + prefix);
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        if (io instanceof SupportsPrefixOperations listing) {
            return listing.listPrefix(prefix);
        }
        throw new UnsupportedOperationException(io.getClass().getSimpleName() + " cannot list files");
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }
}
