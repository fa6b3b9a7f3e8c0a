package io.sink.rewrite;

import io.sink.outcome.UnsupportedFeatureException;
import io.sink.pages.BrokenPageException;
import io.sink.pages.ThriftBounds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.SeekableInputStream;

/**
 * Reads Parquet footers through Iceberg's FileIO, most of them in one request, and without Hadoop's configuration,
 * which costs 8 ms a file.
 */
public final class ParquetFooter {
    /** Bytes fetched at once from the end of a file: they hold most footers, and small files as a whole. */
    static final int TAIL = 128 << 10;

    /** Bytes at the end of a file: the footer's length and the magic bytes. */
    private static final int TRAILER = 8;

    /** Length of the magic bytes at the start of a file; parquet-java refuses a footer that leaves no room for them. */
    private static final int BEFORE = 4;

    private static final ParquetReadOptions OPTIONS =
            ParquetReadOptions.builder(new PlainParquetConfiguration()).build();

    private ParquetFooter() {}

    /**
     * The footer of the file, read from storage.
     *
     * @throws UncheckedIOException if the file cannot be read
     * @throws ParquetCryptoRuntimeException if it is encrypted
     * @throws UnsupportedFeatureException if it has a column with an unknown logical type
     * @throws BrokenPageException if it is not a valid footer
     */
    public static ParquetMetadata read(InputFile file) {
        ParquetMetadata footer = of(file.location(), tail(file));
        requireChunks(footer, file);
        return footer;
    }

    /** @throws BrokenPageException if a column chunk lies outside the file */
    static void requireChunks(ParquetMetadata footer, InputFile file) {
        long length = file.getLength();
        for (BlockMetaData rowGroup : footer.getBlocks()) {
            for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
                long bytes = chunk.getTotalSize();
                if (bytes < 0 || chunk.getStartingPos() < 0 || chunk.getStartingPos() > length - bytes) {
                    throw new BrokenPageException("The Parquet footer of " + file.location() + " says that column "
                            + chunk.getPath().toDotString() + " has " + bytes + " bytes at " + chunk.getStartingPos()
                            + ", and the file has " + length);
                }
            }
        }
    }

    /** The end of the file: at least its footer; a small file as a whole. */
    static ByteBuffer tail(InputFile file) {
        long length = file.getLength();
        ByteBuffer tail = end(file, length, Math.min(length, TAIL));
        if (tail.limit() < TRAILER) {
            return tail;
        }
        long footer = tail.order(ByteOrder.LITTLE_ENDIAN).getInt(tail.limit() - TRAILER) & 0xffffffffL;
        long needed = BEFORE + footer + TRAILER;
        return needed <= tail.limit() || needed > length ? tail : end(file, length, needed);
    }

    private static ByteBuffer end(InputFile file, long length, long count) {
        if (count > Integer.MAX_VALUE - 16) {
            throw new BrokenPageException(
                    "The Parquet footer of " + file.location() + " has " + count + " bytes, too many to read");
        }
        byte[] bytes = new byte[(int) count];
        SourceBytes.fetch(file, length - count, bytes, bytes.length);
        return ByteBuffer.wrap(bytes);
    }

    /**
     * The footer at the end of these bytes, which are a file or the end of one.
     *
     * @throws ParquetCryptoRuntimeException if it is encrypted
     * @throws UnsupportedFeatureException if it has a column with an unknown logical type
     * @throws BrokenPageException if it is not a valid footer
     */
    static ParquetMetadata of(String location, ByteBuffer tail) {
        requireBounds(location, tail);
        try (ParquetFileReader reader = ParquetFileReader.open(new Input(location, tail), OPTIONS)) {
            return reader.getFooter();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the Parquet footer of " + location, e);
        } catch (ParquetCryptoRuntimeException | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            requireKnownTypes(location, tail);
            // A damaged footer can cause any exception in Parquet's code, and its message does not name the file.
            throw new BrokenPageException("The Parquet footer of " + location + " cannot be read: " + e, e);
        }
    }

    /** Names a column with a logical type of a newer version of the format: Parquet fails without naming it. */
    private static void requireKnownTypes(String location, ByteBuffer tail) {
        int until = tail.limit() - TRAILER;
        if (until < 0) {
            return;
        }
        int from = until - tail.order(ByteOrder.LITTLE_ENDIAN).getInt(until);
        FileMetaData said;
        try {
            said = Util.readFileMetaData(new ByteArrayInputStream(tail.array(), from, until - from));
        } catch (IOException | RuntimeException damaged) {
            return;
        }
        for (SchemaElement column : said.getSchema()) {
            if (column.isSetLogicalType() && column.getLogicalType().getSetField() == null) {
                throw new UnsupportedFeatureException("column " + column.getName() + " of " + location
                        + " has an unknown logical type, from a newer version of the format");
            }
        }
    }

    /** Checks the sizes that Parquet would allocate by. What is not a footer at all is left to Parquet to report. */
    private static void requireBounds(String location, ByteBuffer tail) {
        int until = tail.limit() - TRAILER;
        if (until < 0 || tail.get(tail.limit() - 1) != '1') {
            return; // not Parquet, or encrypted
        }
        int length = tail.order(ByteOrder.LITTLE_ENDIAN).getInt(until);
        if (length < 0 || length > until) {
            throw new BrokenPageException("The Parquet footer of " + location + " cannot be read: its length says "
                    + Integer.toUnsignedString(length) + " bytes");
        }
        try {
            ThriftBounds.require(tail.array(), until - length, until);
        } catch (BrokenPageException e) {
            throw new BrokenPageException(
                    "The Parquet footer of " + location + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The bytes as a file of their own; Parquet reads only the footer, from the end. */
    private record Input(String location, ByteBuffer bytes) implements org.apache.parquet.io.InputFile {
        /** Parquet begins its messages with this. */
        @Override
        public String toString() {
            return location;
        }

        @Override
        public long getLength() {
            return bytes.limit();
        }

        @Override
        public SeekableInputStream newStream() {
            Positioned in = new Positioned(bytes.array(), bytes.limit());
            return new DelegatingSeekableInputStream(in) {
                @Override
                public long getPos() {
                    return in.position();
                }

                @Override
                public void seek(long position) {
                    in.seek(position);
                }
            };
        }
    }

    private static final class Positioned extends ByteArrayInputStream {
        Positioned(byte[] bytes, int length) {
            super(bytes, 0, length);
        }

        int position() {
            return pos;
        }

        void seek(long position) {
            pos = Math.toIntExact(position);
        }
    }
}
