package io.sink.testing;

import io.sink.storage.ConfinedDeletion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.io.SupportsPrefixOperations;

/** A FileIO whose calls fail by schedule: looks, opens, creations, closes of written files, deletions, listings. */
public final class FaultyFileIO implements SupportsPrefixOperations, SupportsBulkOperations, ConfinedDeletion {
    private final FileIO io;
    private final Faults faults;

    public FaultyFileIO(FileIO io, Faults faults) {
        this.io = io;
        this.faults = faults;
    }

    @Override
    public InputFile newInputFile(String path) {
        InputFile file = io.newInputFile(path);
        return new InputFile() {
            @Override
            public long getLength() {
                return faults.call("length of " + path, file::getLength);
            }

            @Override
            public SeekableInputStream newStream() {
                return faults.call("open of " + path, file::newStream);
            }

            @Override
            public String location() {
                return file.location();
            }

            @Override
            public boolean exists() {
                return faults.call("look at " + path, file::exists);
            }
        };
    }

    @Override
    public OutputFile newOutputFile(String path) {
        OutputFile file = io.newOutputFile(path);
        return new OutputFile() {
            @Override
            public PositionOutputStream create() {
                return new Written(path, faults.call("create " + path, file::create));
            }

            @Override
            public PositionOutputStream createOrOverwrite() {
                return new Written(path, faults.call("create or overwrite " + path, file::createOrOverwrite));
            }

            @Override
            public String location() {
                return file.location();
            }

            @Override
            public InputFile toInputFile() {
                return newInputFile(path);
            }
        };
    }

    @Override
    public void deleteFile(String path) {
        faults.run("delete " + path, () -> io.deleteFile(path));
    }

    @Override
    public void deleteFiles(Iterable<String> paths) {
        faults.run("bulk delete", () -> ((SupportsBulkOperations) io).deleteFiles(paths));
    }

    @Override
    public void deleteFileWithin(Path root, String path) {
        faults.run("delete " + path, () -> ConfinedDeletion.delete(io, root, path));
    }

    @Override
    public Map<String, String> deleteFilesWithin(Path root, Collection<String> paths) {
        return faults.call("bulk delete", () -> ConfinedDeletion.deleteAll(io, root, paths));
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        Iterable<FileInfo> found =
                faults.call("list " + prefix, () -> ((SupportsPrefixOperations) io).listPrefix(prefix));
        return () -> new Iterator<>() {
            private final Iterator<FileInfo> files = found.iterator();

            @Override
            public boolean hasNext() {
                return faults.call("next of " + prefix, files::hasNext);
            }

            @Override
            public FileInfo next() {
                return files.next();
            }
        };
    }

    @Override
    public void deletePrefix(String prefix) {
        throw new UnsupportedOperationException("nothing in sink deletes by prefix");
    }

    @Override
    public Map<String, String> properties() {
        return io.properties();
    }

    private final class Written extends PositionOutputStream {
        private final String path;
        private final PositionOutputStream out;

        Written(String path, PositionOutputStream out) {
            this.path = path;
            this.out = out;
        }

        @Override
        public void close() throws IOException {
            try {
                faults.run("close of " + path, () -> {
                    try {
                        out.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (RuntimeException e) {
                throw new IOException(e);
            }
        }

        @Override
        public long getPos() throws IOException {
            return out.getPos();
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
