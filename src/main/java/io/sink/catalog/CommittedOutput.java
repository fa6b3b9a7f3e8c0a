package io.sink.catalog;

import io.sink.storage.CommitFiles;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/**
 * The metadata file of a commit. It notes a failure to write it, after which the commit is not sent.
 *
 * @ref LLP 0006#metadata-file
 */
final class CommittedOutput implements OutputFile {
    private final OutputFile file;

    CommittedOutput(OutputFile file) {
        this.file = file;
    }

    @Override
    public PositionOutputStream create() {
        return opened(file::create);
    }

    @Override
    public PositionOutputStream createOrOverwrite() {
        return opened(file::createOrOverwrite);
    }

    @Override
    public String location() {
        return file.location();
    }

    @Override
    public InputFile toInputFile() {
        return file.toInputFile();
    }

    private PositionOutputStream opened(Supplier<PositionOutputStream> open) {
        try {
            return new Watched(open.get());
        } catch (RuntimeException e) {
            CommitFiles.couldNotWrite(location(), e);
            throw e;
        }
    }

    @FunctionalInterface
    private interface Write {
        void run() throws IOException;
    }

    private final class Watched extends PositionOutputStream {
        private final PositionOutputStream out;

        Watched(PositionOutputStream out) {
            this.out = out;
        }

        private void watched(Write write) throws IOException {
            try {
                write.run();
            } catch (IOException | RuntimeException e) {
                CommitFiles.couldNotWrite(location(), e);
                throw e;
            }
        }

        @Override
        public void write(int value) throws IOException {
            watched(() -> out.write(value));
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            watched(() -> out.write(bytes, offset, count));
        }

        @Override
        public void flush() throws IOException {
            watched(out::flush);
        }

        @Override
        public void close() throws IOException {
            watched(out::close);
        }

        @Override
        public long getPos() throws IOException {
            return out.getPos();
        }

        @Override
        public long storedLength() throws IOException {
            return out.storedLength();
        }
    }
}
