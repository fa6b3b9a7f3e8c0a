package io.sink.catalog;

import io.sink.engine.MemoryBudget;
import io.sink.engine.MemoryBudgetException;
import io.sink.engine.Need;
import io.sink.table.UnreadableMetadataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.iceberg.TableMetadataParser.Codec;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A metadata file of a table, which is parsed as a whole. Memory for that is reserved first, and a file that would
 * unpack to more than fits is refused.
 *
 * @ref LLP 0024#metadata
 */
final class WholeMetadata {
    /** Bytes of memory for each byte of JSON while it is parsed: the text, the tree, and the metadata made of it. */
    private static final int TIMES = 8;

    private static final int AT_ONCE = 1 << 16;

    private WholeMetadata() {}

    /** Bytes of JSON that a file may unpack to. */
    static long most() {
        return Math.min(Integer.MAX_VALUE / 2, MemoryBudget.work().total() / TIMES);
    }

    /**
     * The same file; if it is a metadata file, memory is reserved for it until its stream is closed. While a table is
     * loaded, any file is one: a catalog can name it as it likes.
     */
    static InputFile of(InputFile file) {
        return MetadataReading.isUnderWay() || isMetadata(file.location()) ? new Bounded(file) : file;
    }

    private static boolean isMetadata(String location) {
        return location.substring(location.lastIndexOf('/') + 1).contains(".metadata.json");
    }

    /**
     * All bytes of a file.
     *
     * @throws UnreadableMetadataException if it has more than {@link #most} bytes
     */
    static byte[] read(String location, InputStream in) throws IOException {
        byte[] content = in.readNBytes((int) most() + 1);
        if (content.length > most()) {
            throw tooLarge(location);
        }
        return content;
    }

    /**
     * Reserves the memory to parse a file.
     *
     * @param content the bytes of the file, compressed if its name says so
     * @throws UnreadableMetadataException if it unpacks to more than {@link #most} bytes
     */
    static MemoryBudget.Reservation reserve(String location, byte[] content) {
        long bytes = TIMES * unpacked(location, content);
        return MemoryBudget.work().reserve(new Need(bytes, bytes));
    }

    private static long unpacked(String location, byte[] content) {
        if (Codec.fromFileName(location) != Codec.GZIP) {
            return content.length;
        }
        long length = 0;
        byte[] some = new byte[AT_ONCE];
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            for (int read = in.read(some); read >= 0; read = in.read(some)) {
                length += read;
                if (length > most()) {
                    throw tooLarge(location);
                }
            }
        } catch (IOException cut) {
            // The parser fails at the same place, and reports that the file is cut.
            return length;
        }
        return length;
    }

    private static UnreadableMetadataException tooLarge(String location) {
        return UnreadableMetadataException.tooLarge(location, most());
    }

    private record Bounded(InputFile file) implements InputFile {
        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public String location() {
            return file.location();
        }

        @Override
        public boolean exists() {
            return file.exists();
        }

        @Override
        public SeekableInputStream newStream() {
            try {
                byte[] content = content();
                MetadataReading.fetched(location(), content);
                return new Reserved(
                        new InMemoryInputFile(location(), content).newStream(), reserve(location(), content));
            } catch (UnreadableMetadataException | MemoryBudgetException | NotAFileException e) {
                throw MetadataReading.lasting(location(), e);
            } catch (RuntimeException e) {
                throw MetadataReading.failed(location(), e);
            }
        }

        /** Closes the stream before memory is reserved: if closing failed later, the memory would not be released. */
        private byte[] content() {
            try (InputStream in = file.newStream()) {
                return read(location(), in);
            } catch (IOException e) {
                throw new RuntimeIOException(e, "Cannot read %s", location());
            }
        }
    }

    /** Releases the memory when it is closed, which is once the JSON was read. */
    private static final class Reserved extends SeekableInputStream {
        private final SeekableInputStream in;
        private final MemoryBudget.Reservation memory;

        Reserved(SeekableInputStream in, MemoryBudget.Reservation memory) {
            this.in = in;
            this.memory = memory;
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
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return in.read(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            memory.close();
            in.close();
        }
    }
}
