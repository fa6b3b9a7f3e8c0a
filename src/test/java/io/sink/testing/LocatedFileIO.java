package io.sink.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/** Iceberg's way to files on disk whatever their locations look like, past the program's storage and past S3. */
public final class LocatedFileIO implements FileIO {
    private static final long serialVersionUID = 1L;

    private final transient Function<String, Path> locate;

    /** @param locate gives the file for a location */
    public LocatedFileIO(Function<String, Path> locate) {
        this.locate = locate;
    }

    @Override
    public InputFile newInputFile(String location) {
        return new Input(
                org.apache.iceberg.Files.localInput(locate.apply(location).toFile()), location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Output(
                org.apache.iceberg.Files.localOutput(locate.apply(location).toFile()), location);
    }

    @Override
    public void deleteFile(String location) {
        try {
            Files.deleteIfExists(locate.apply(location));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file under the name that it was asked for by. */
    private record Input(InputFile file, String location) implements InputFile {
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

    private record Output(OutputFile file, String location) implements OutputFile {
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
            return new Input(file.toInputFile(), location);
        }
    }
}
