package io.sink.catalog;

import io.sink.storage.ConfinedDeletion;
import io.sink.storage.UnfinishedUploads;
import io.sink.table.ObjectChecksum;
import io.sink.table.ObjectChecksums;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.jspecify.annotations.Nullable;

/**
 * A FileIO that runs a guard before each write; the guard refuses the write by throwing. Serialization for another
 * process counts as a write, since the guard cannot run there.
 */
final class GuardedFileIO implements DelegateFileIO, UnfinishedUploads, ConfinedDeletion, ObjectChecksums {

    private static final long serialVersionUID = 1L;

    private final DelegateFileIO io;
    private final transient @Nullable Runnable guard;

    GuardedFileIO(DelegateFileIO io, Runnable guard) {
        this.io = io;
        this.guard = guard;
    }

    @Override
    public OutputFile newOutputFile(String location) {
        ask();
        return io.newOutputFile(location);
    }

    private void ask() {
        if (guard != null) {
            guard.run();
        }
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        ask();
        out.defaultWriteObject();
    }

    @Override
    public void initialize(Map<String, String> properties) {
        io.initialize(properties);
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }

    @Override
    public InputFile newInputFile(String location) {
        return io.newInputFile(location);
    }

    @Override
    public InputFile newInputFile(String location, long length) {
        return io.newInputFile(location, length);
    }

    @Override
    public void deleteFile(String location) {
        io.deleteFile(location);
    }

    @Override
    public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
        io.deleteFiles(locations);
    }

    @Override
    public void deleteFileWithin(Path root, String location) {
        ConfinedDeletion.delete(io, root, location);
    }

    @Override
    public Map<String, String> deleteFilesWithin(Path root, Collection<String> locations) {
        return ConfinedDeletion.deleteAll(io, root, locations);
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        return io.listPrefix(prefix);
    }

    @Override
    public void deletePrefix(String prefix) {
        io.deletePrefix(prefix);
    }

    @Override
    public int abortUploads(Collection<String> locations) {
        return UnfinishedUploads.abort(io, locations);
    }

    @Override
    public @Nullable ObjectChecksum checksum(String location) {
        return ObjectChecksums.of(io, location);
    }

    @Override
    public void close() {
        io.close();
    }
}
