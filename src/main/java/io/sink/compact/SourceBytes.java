package io.sink.compact;

import io.sink.pages.BrokenPageException;
import io.sink.pages.FileBytes;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;

/** The bytes of a data file through Iceberg's FileIO: a small file is fetched once, a large one range by range. */
final class SourceBytes implements FileBytes, Closeable {
    /** Files up to this size are fetched as a whole: a request costs more than the bytes. */
    private static final int SMALL = 4 << 20;

    private final InputFile file;
    private final long length;
    private final byte @Nullable [] whole;
    private @Nullable SeekableInputStream stream;

    private SourceBytes(InputFile file, long length, byte @Nullable [] whole) {
        this.file = file;
        this.length = length;
        this.whole = whole;
    }

    static SourceBytes open(InputFile file) {
        long length = file.getLength();
        SourceBytes bytes = new SourceBytes(file, length, null);
        if (length > SMALL) {
            return bytes;
        }
        try (bytes) {
            return new SourceBytes(file, length, bytes.read(0, (int) length));
        }
    }

    /** The file's footer. */
    ParquetMetadata footer() {
        return ParquetFooter.read(whole == null ? file : new InMemoryInputFile(file.location(), whole));
    }

    @Override
    public String name() {
        return file.location();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public byte[] read(long offset, int count) {
        if (offset < 0 || count < 0 || offset > length - count) {
            throw new BrokenPageException(
                    "No bytes " + offset + " to " + (offset + count) + " in " + name() + ", which has " + length);
        }
        if (whole != null) {
            return Arrays.copyOfRange(whole, (int) offset, (int) offset + count);
        }
        return readStream(offset, count);
    }

    private synchronized byte[] readStream(long offset, int count) {
        byte[] bytes = new byte[count];
        try {
            SeekableInputStream in = stream == null ? file.newStream() : stream;
            stream = in;
            in.seek(offset);
            IOUtil.readFully(in, bytes, 0, count);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + name(), e);
        }
        return bytes;
    }

    @Override
    public synchronized void close() {
        SeekableInputStream in = stream;
        stream = null;
        if (in != null) {
            try {
                in.close();
            } catch (IOException e) {
                // It was read to its use; nothing is lost.
            }
        }
    }
}
