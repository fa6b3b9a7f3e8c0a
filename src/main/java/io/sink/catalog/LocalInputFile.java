package io.sink.catalog;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A file on local disk that keeps the form of its location. Iceberg's own {@code Files.localInput} turns {@code
 * file:///a} into {@code /a}, and a manifest would then name its files in two forms.
 */
record LocalInputFile(String location, Path path) implements InputFile {

    @Override
    public long getLength() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public SeekableInputStream newStream() {
        requireFile(location, path);
        try {
            return new Stream(FileChannel.open(path, StandardOpenOption.READ));
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public boolean exists() {
        return Files.exists(path);
    }

    /**
     * Refuses anything but a regular file: opening a pipe waits for its writer, a device never ends, and a directory
     * has a length. A missing file passes.
     *
     * @throws NotAFileException if it is one of these
     * @ref LLP 0020#claims
     */
    static void requireFile(String location, Path path) {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new NotAFileException(location, Files.isDirectory(path) ? "a directory" : "a pipe or a device");
        }
    }

    private RuntimeException failure(IOException e) {
        return e instanceof NoSuchFileException
                ? new NotFoundException(e, "No such file: %s", location)
                : new RuntimeIOException(e, "Cannot read %s", location);
    }

    private static final class Stream extends SeekableInputStream implements RangeReadable {
        private final FileChannel channel;
        private final ByteBuffer one = ByteBuffer.allocate(1);

        Stream(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public long getPos() throws IOException {
            return channel.position();
        }

        @Override
        public void seek(long position) throws IOException {
            channel.position(position);
        }

        @Override
        public int read() throws IOException {
            one.clear();
            return channel.read(one) < 0 ? -1 : one.get(0) & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return channel.read(ByteBuffer.wrap(bytes, offset, length));
        }

        @Override
        public long skip(long count) throws IOException {
            long from = channel.position();
            long to = Math.min(from + Math.max(count, 0), Math.max(channel.size(), from));
            channel.position(to);
            return to - from;
        }

        @Override
        public int available() throws IOException {
            return (int) Math.min(Integer.MAX_VALUE, Math.max(0, channel.size() - channel.position()));
        }

        @Override
        public void readFully(long position, byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            long at = position;
            while (buffer.hasRemaining()) {
                int read = channel.read(buffer, at);
                if (read < 0) {
                    throw new EOFException("Reached the end with " + buffer.remaining() + " bytes left to read");
                }
                at += read;
            }
        }

        @Override
        public int readTail(byte[] bytes, int offset, int length) throws IOException {
            int tail = (int) Math.min(length, channel.size());
            readFully(channel.size() - tail, bytes, offset, tail);
            return tail;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
