package io.sink.table;

import io.sink.engine.MemoryBudget;
import io.sink.engine.Need;
import io.sink.outcome.UnsupportedFeatureException;
import io.sink.pages.BrokenPageException;
import io.sink.pages.ThriftBounds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/**
 * A Parquet file for Iceberg's reader, which allocates by the sizes in the footer and in page headers. Each is checked
 * on its way to the reader, and refused if it claims more than the file has. No byte is fetched twice for that.
 *
 * @ref LLP 0020#claims
 */
public record SoundParquet(InputFile file) implements InputFile {
    /** Bytes fetched at once from the end of a file: they hold most footers, and small files as a whole. */
    private static final int TAIL = 128 << 10;

    /** Bytes of the footer's length and the magic bytes. */
    private static final int TRAILER = 8;

    private static final byte[] MAGIC = {'P', 'A', 'R', '1'};

    /** The file to read: a checked one for Parquet, else the file itself. */
    public static InputFile of(InputFile file, FileFormat format) {
        return format == FileFormat.PARQUET ? new SoundParquet(file) : file;
    }

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
        SeekableInputStream in = file.newStream();
        try {
            long length = file.getLength();
            if (length < TRAILER + MAGIC.length) {
                throw new BrokenPageException(
                        location() + " has " + length + " bytes, which is too short for a Parquet file");
            }
            byte[] tail = end(in, length, (int) Math.min(length, TAIL));
            int footer = footerLength(length, tail);
            if (footer + TRAILER > tail.length) {
                MemoryBudget.work().require(new Need(4L * footer, 4L * footer));
                tail = end(in, length, footer + TRAILER);
            }
            in.seek(0);
            return new Watched(in, location(), chunks(tail, footer, length), length - tail.length, tail);
        } catch (IOException | RuntimeException e) {
            try {
                in.close();
            } catch (IOException alsoBroken) {
                e.addSuppressed(alsoBroken);
            }
            throw e instanceof RuntimeException broken
                    ? broken
                    : new RuntimeIOException((IOException) e, "Cannot read %s", location());
        }
    }

    private static byte[] end(SeekableInputStream in, long length, int count) throws IOException {
        byte[] tail = new byte[count];
        in.seek(length - count);
        IOUtil.readFully(in, tail, 0, count);
        return tail;
    }

    /** The length of the footer; 0 if the file is not Parquet or is encrypted, which the reader reports. */
    private int footerLength(long length, byte[] tail) {
        int trailer = tail.length - TRAILER;
        if (trailer < 0 || !Arrays.equals(tail, trailer + 4, tail.length, MAGIC, 0, MAGIC.length)) {
            return 0;
        }
        int footer = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt(trailer);
        if (footer < 0 || footer > length - TRAILER - MAGIC.length) {
            throw new BrokenPageException(
                    location() + ": a footer of " + Integer.toUnsignedString(footer) + " bytes in " + length);
        }
        return footer;
    }

    private TreeMap<Long, Chunk> chunks(byte[] tail, int footer, long length) throws IOException {
        TreeMap<Long, Chunk> chunks = new TreeMap<>();
        if (footer == 0) {
            return chunks;
        }
        int from = tail.length - TRAILER - footer;
        ThriftBounds.require(tail, from, from + footer);
        FileMetaData said = Util.readFileMetaData(new ByteArrayInputStream(tail, from, footer));
        for (RowGroup rowGroup : said.getRow_groups()) {
            for (ColumnChunk column : rowGroup.getColumns()) {
                ColumnMetaData chunk = column.getMeta_data();
                if (chunk != null) {
                    requireCodec(chunk.getCodec());
                    long start = chunk.getData_page_offset();
                    if (chunk.isSetDictionary_page_offset() && chunk.getDictionary_page_offset() > 0) {
                        start = Math.min(start, chunk.getDictionary_page_offset());
                    }
                    long bytes = chunk.getTotal_compressed_size();
                    if (start < 0 || bytes < 0 || start > length - bytes) {
                        throw new BrokenPageException(location() + ": a chunk of " + bytes + " bytes at " + start
                                + ", and the file has " + length);
                    }
                    // Pages of an empty row group are never read, and its chunks may begin where others do.
                    if (chunk.getNum_values() > 0) {
                        chunks.put(start, new Chunk(start + bytes, chunk.getNum_values()));
                    }
                }
            }
        }
        return chunks;
    }

    /** Iceberg's reader looks for classes that are not there. */
    private void requireCodec(CompressionCodec codec) {
        if (codec == CompressionCodec.LZ4 || codec == CompressionCodec.LZO) {
            throw new UnsupportedFeatureException(
                    "codec " + codec.name().toLowerCase(Locale.ROOT) + " of " + location());
        }
    }

    /** A column chunk: where it ends, and how many values its pages have. */
    private record Chunk(long end, long values) {}

    /** Checks page headers as they pass. The reader reads chunk by chunk, each in the order of its bytes. */
    private static final class Watched extends SeekableInputStream {
        /** Greatest size of a page header, which holds at most two values. */
        private static final int MOST_HEADER = 16 << 20;

        private static final long NONE = Long.MAX_VALUE;

        private final SeekableInputStream in;
        private final String name;
        private final TreeMap<Long, Chunk> chunks;
        private final long tailAt;
        private final byte[] tail;
        private final ByteArrayOutputStream header = new ByteArrayOutputStream();
        private long position;
        private long nextHeader = NONE;
        private long end;
        private long values;

        Watched(SeekableInputStream in, String name, TreeMap<Long, Chunk> chunks, long tailAt, byte[] tail) {
            this.in = in;
            this.name = name;
            this.chunks = chunks;
            this.tailAt = tailAt;
            this.tail = tail;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long to) throws IOException {
            if (to != position) {
                header.reset();
                nextHeader = NONE;
                position = to;
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count;
            if (position < tailAt) {
                if (in.getPos() != position) {
                    in.seek(position);
                }
                count = in.read(bytes, offset, (int) Math.min(length, tailAt - position));
            } else {
                long left = tailAt + tail.length - position;
                count = left <= 0 ? -1 : (int) Math.min(length, left);
                if (count > 0) {
                    System.arraycopy(tail, (int) (position - tailAt), bytes, offset, count);
                }
            }
            if (count > 0) {
                look(bytes, offset, count);
                position += count;
            }
            return count;
        }

        private void look(byte[] bytes, int offset, int count) throws IOException {
            long until = position + count;
            for (long at = position; at < until; ) {
                Chunk begins = header.size() == 0 ? chunks.get(at) : null;
                if (begins != null) {
                    nextHeader = at;
                    end = begins.end();
                    values = begins.values();
                }
                if (nextHeader != NONE && at >= nextHeader) {
                    int from = offset + (int) (at - position);
                    at = headerFrom(bytes, from, offset + count - from, at);
                } else {
                    Long chunk = chunks.higherKey(at);
                    at = Math.min(until, Math.min(nextHeader, chunk == null ? NONE : chunk));
                }
            }
        }

        /** Adds bytes to a header; returns the position after it, or after these bytes if it is not complete. */
        private long headerFrom(byte[] bytes, int from, int count, long at) throws IOException {
            header.write(bytes, from, Math.min(count, MOST_HEADER - header.size()));
            byte[] all = header.toByteArray();
            int length = ThriftBounds.end(all, 0, all.length, end - nextHeader);
            if (length < 0) {
                if (all.length >= MOST_HEADER) {
                    throw broken("a page header of more than " + MOST_HEADER + " bytes");
                }
                return at + count;
            }
            long body = nextHeader + length;
            PageHeader page = Util.readPageHeader(new ByteArrayInputStream(all, 0, length));
            require(page, body);
            header.reset();
            values -= page.isSetData_page_header()
                    ? page.getData_page_header().getNum_values()
                    : page.isSetData_page_header_v2()
                            ? page.getData_page_header_v2().getNum_values()
                            : 0;
            nextHeader = values > 0 ? body + page.getCompressed_page_size() : NONE;
            return Math.min(at + count, body);
        }

        private void require(PageHeader page, long body) {
            long stored = page.getCompressed_page_size();
            long size = page.getUncompressed_page_size();
            if (stored < 0 || size < 0 || stored > end - body) {
                throw broken("a page of " + stored + " bytes, " + size + " uncompressed, where its chunk has "
                        + (end - body) + " left");
            }
            if (page.isSetDictionary_page_header()
                    && page.getDictionary_page_header().getNum_values() > size) {
                throw broken("a dictionary of "
                        + page.getDictionary_page_header().getNum_values() + " values in " + size + " bytes");
            }
            MemoryBudget.work().require(new Need(2 * size, 2 * size));
        }

        private BrokenPageException broken(String what) {
            return new BrokenPageException(name + ": " + what);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
