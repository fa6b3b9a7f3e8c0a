package io.sink.storage;

import io.sink.table.WholeInput;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestListFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/**
 * Announces each file before it is created, so that its owner can delete it whatever happens next. Manifests and
 * manifest lists are read to their end, since a commit rewrites a manifest from what was read of it.
 *
 * @ref LLP 0020#bytes
 */
public final class AnnouncingFileIO implements FileIO {
    private final FileIO io;
    private final Locations locations;
    private final Consumer<String> announce;
    private final UnaryOperator<OutputFile> writing;

    /**
     * @param locations the table's own; a file outside them is not deleted
     * @param announce receives the location of each file before it is created; if it throws, the file is not created
     * @param writing wraps each output file
     */
    public AnnouncingFileIO(
            FileIO io, Locations locations, Consumer<String> announce, UnaryOperator<OutputFile> writing) {
        this.io = io;
        this.writing = writing;
        this.locations = locations;
        this.announce = announce;
    }

    @Override
    public OutputFile newOutputFile(String path) {
        announce.accept(path);
        return writing.apply(io.newOutputFile(path));
    }

    @Override
    public InputFile newInputFile(ManifestFile manifest) {
        return WholeInput.of(manifest, io);
    }

    @Override
    public InputFile newInputFile(ManifestListFile list) {
        return WholeInput.of(list, io);
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
    public void deleteFile(String path) {
        Storage.remove(io, locations, path);
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }
}
