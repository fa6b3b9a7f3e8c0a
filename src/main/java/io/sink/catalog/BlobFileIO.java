package io.sink.catalog;

import io.sink.storage.ConfinedDeletion;
import io.sink.storage.UnfinishedUploads;
import io.sink.table.ObjectChecksum;
import io.sink.table.ObjectChecksums;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code blob://<key>} from {@code <root>/<key>}, and every other location as it is. What is read, written or
 * listed as {@code blob://} keeps that name, so metadata stays independent of where the store is mounted.
 */
final class BlobFileIO implements DelegateFileIO, UnfinishedUploads, ConfinedDeletion, ObjectChecksums {

    private static final long serialVersionUID = 1L;
    static final String SCHEME = "blob://";

    private final DelegateFileIO store;
    private final String root;

    /** @param root the location that keys are relative to, without a trailing slash */
    BlobFileIO(DelegateFileIO store, String root) {
        this.store = store;
        this.root = root.endsWith("/") ? root.substring(0, root.length() - 1) : root;
    }

    /**
     * The location in the store behind a {@code blob://} location; any other location as it is.
     *
     * @throws ValidationException if the key climbs out of the root with {@code ..}
     */
    String resolve(String location) {
        if (!location.startsWith(SCHEME)) {
            return location;
        }
        String key = location.substring(SCHEME.length());
        for (String segment : key.split("/", -1)) {
            ValidationException.check(!segment.equals(".."), "A location cannot climb with '..': %s", location);
        }
        return root + "/" + key;
    }

    @Override
    public void initialize(Map<String, String> properties) {
        store.initialize(properties);
    }

    /** The properties of the store, and the root of keys, which is needed to compare two locations. */
    @Override
    public Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>(store.properties());
        properties.put(Catalogs.BLOB_ROOT, root);
        return Map.copyOf(properties);
    }

    @Override
    public InputFile newInputFile(String location) {
        return new Input(location, store.newInputFile(resolve(location)));
    }

    @Override
    public InputFile newInputFile(String location, long length) {
        return new Input(location, store.newInputFile(resolve(location), length));
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Output(location, store.newOutputFile(resolve(location)));
    }

    @Override
    public void deleteFile(String location) {
        store.deleteFile(resolve(location));
    }

    @Override
    public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
        store.deleteFiles(CloseableIterable.transform(CloseableIterable.withNoopClose(locations), this::resolve));
    }

    @Override
    public void deleteFileWithin(Path within, String location) {
        ConfinedDeletion.delete(store, within, resolve(location));
    }

    @Override
    public Map<String, String> deleteFilesWithin(Path within, Collection<String> locations) {
        Map<String, String> named = new LinkedHashMap<>();
        locations.forEach(location -> named.put(resolve(location), location));
        Map<String, String> refused = new LinkedHashMap<>();
        ConfinedDeletion.deleteAll(store, within, named.keySet())
                .forEach((path, why) -> refused.put(named.getOrDefault(path, path), why));
        return refused;
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        Iterable<FileInfo> found = store.listPrefix(resolve(prefix));
        if (!prefix.startsWith(SCHEME)) {
            return found;
        }
        UnaryOperator<String> named = at -> SCHEME + at.substring(root.length() + 1);
        CloseableIterable<FileInfo> closeable =
                found instanceof CloseableIterable<FileInfo> own ? own : CloseableIterable.withNoopClose(found);
        return CloseableIterable.transform(
                closeable, file -> new FileInfo(named.apply(file.location()), file.size(), file.createdAtMillis()));
    }

    /** Always refuses: files are deleted by name, one by one. */
    @Override
    public void deletePrefix(String prefix) {
        throw new UnsupportedOperationException("Will not delete by prefix: " + prefix);
    }

    @Override
    public int abortUploads(Collection<String> locations) {
        return UnfinishedUploads.abort(
                store, locations.stream().map(this::resolve).toList());
    }

    @Override
    public @Nullable ObjectChecksum checksum(String location) {
        return ObjectChecksums.of(store, resolve(location));
    }

    @Override
    public void close() {
        store.close();
    }

    private record Input(String location, InputFile file) implements InputFile {
        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            return file.newStream();
        }

        @Override
        public boolean exists() {
            return file.exists();
        }
    }

    private record Output(String location, OutputFile file) implements OutputFile {
        @Override
        public PositionOutputStream create() {
            return file.create();
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return file.createOrOverwrite();
        }

        @Override
        public InputFile toInputFile() {
            return new Input(location, file.toInputFile());
        }
    }
}
