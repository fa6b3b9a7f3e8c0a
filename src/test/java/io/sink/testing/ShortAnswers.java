package io.sink.testing;

import io.sink.table.DelegatingOperations;
import java.io.IOException;
import java.util.Map;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.io.SupportsPrefixOperations;

/** A table whose storage gives no more than so many bytes of one file. */
public final class ShortAnswers extends DelegatingOperations {
    private final TableOperations ops;
    private final String file;
    private final long bytes;
    private final int from;
    private final int[] opened;

    public ShortAnswers(TableOperations ops, String file, long bytes) {
        this(ops, file, bytes, 1, new int[1]);
    }

    /**
     * @param from which opening of the file is answered so, and all after it; 1: every one
     * @param opened counts the openings in its one element
     */
    public ShortAnswers(TableOperations ops, String file, long bytes, int from, int[] opened) {
        super(ops, ops.io());
        this.ops = ops;
        this.file = file;
        this.bytes = bytes;
        this.from = from;
        this.opened = opened;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        ops.commit(base, metadata);
    }

    @Override
    public FileIO io() {
        return new ShortIO(ops.io());
    }

    private final class ShortIO implements SupportsPrefixOperations {
        private final FileIO io;

        ShortIO(FileIO io) {
            this.io = io;
        }

        @Override
        public InputFile newInputFile(String path) {
            InputFile input = io.newInputFile(path);
            return path.equals(file) ? new ShortInput(input) : input;
        }

        @Override
        public OutputFile newOutputFile(String path) {
            return io.newOutputFile(path);
        }

        @Override
        public void deleteFile(String path) {
            io.deleteFile(path);
        }

        @Override
        public Iterable<FileInfo> listPrefix(String prefix) {
            return ((SupportsPrefixOperations) io).listPrefix(prefix);
        }

        @Override
        public void deletePrefix(String prefix) {
            throw new UnsupportedOperationException("nothing in sink deletes by prefix");
        }

        @Override
        public Map<String, String> properties() {
            return io.properties();
        }
    }

    private final class ShortInput implements InputFile {
        private final InputFile input;

        ShortInput(InputFile input) {
            this.input = input;
        }

        @Override
        public long getLength() {
            return input.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            opened[0]++;
            return opened[0] < from ? input.newStream() : new ShortStream(input.newStream());
        }

        @Override
        public String location() {
            return input.location();
        }

        @Override
        public boolean exists() {
            return input.exists();
        }
    }

    private final class ShortStream extends SeekableInputStream {
        private final SeekableInputStream in;

        ShortStream(SeekableInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            return in.getPos() >= bytes ? -1 : in.read();
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            long left = bytes - in.getPos();
            return left <= 0 ? -1 : in.read(into, offset, (int) Math.min(count, left));
        }

        @Override
        public long getPos() throws IOException {
            return in.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
            in.seek(position);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
