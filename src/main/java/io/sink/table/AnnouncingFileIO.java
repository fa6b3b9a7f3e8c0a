package io.sink.table;

import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/** Says of every file that it is about to be created, so that its owner can take it away whatever happens next. */
final class AnnouncingFileIO implements FileIO {
    private final FileIO io;
    private final Consumer<String> announce;

    AnnouncingFileIO(FileIO io, Consumer<String> announce) {
        this.io = io;
        this.announce = announce;
    }

    @Override
    public OutputFile newOutputFile(String path) {
        announce.accept(path);
        return io.newOutputFile(path);
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
        io.deleteFile(path);
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }
}
