package io.sink.rows;

import io.sink.engine.MemoryBudget;
import io.sink.engine.Need;
import io.sink.pages.BrokenPageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.roaringbitmap.CharIterator;
import org.roaringbitmap.InvalidRoaringFormat;
import org.roaringbitmap.buffer.ImmutableRoaringBitmap;
import org.roaringbitmap.buffer.MappeableContainerPointer;
import org.roaringbitmap.buffer.MappeableRunContainer;

/**
 * A file with a deletion vector, for Iceberg's loader. The loader allocates by the sizes in the manifest and in the
 * vector itself; this class first checks both sizes against the file. It also checks that all positions are in order:
 * of a vector that is not, readers find other positions by looking for each than by going through them.
 *
 * @ref LLP 0020#claims
 */
final class SoundVector implements InputFile {
    /** Up to this many bytes a vector is not checked against the length of its file, which takes a request. */
    private static final long SMALL = 1 << 20;

    /** Memory for each byte of a vector, which is held as bytes and as bitmaps. */
    private static final int TIMES = 3;

    /** Bytes of the length, magic, number of bitmaps, and checksum. */
    private static final int FRAME = 3 * Integer.BYTES + Long.BYTES;

    /** Least bytes of a bitmap: its key, the cookie, and one container. */
    private static final int LEAST_BITMAP = 3 * Integer.BYTES;

    /** Position of the first key, after length, magic and number of bitmaps. */
    private static final int FIRST_KEY = 2 * Integer.BYTES + Long.BYTES;

    /** Greatest key, since a bitmap is made for every key below it; a file of a trillion rows has 232 keys. */
    private static final int MOST_KEY = 1024;

    private final InputFile file;
    private final DeleteFile delete;

    SoundVector(InputFile file, DeleteFile delete) {
        this.file = file;
        this.delete = delete;
        Long offset = delete.contentOffset();
        Long size = delete.contentSizeInBytes();
        if (offset == null || size == null) {
            return; // the loader reports it
        }
        if (offset < 0 || size < FRAME || size > SMALL && offset > file.getLength() - size) {
            throw broken("a vector of " + size + " bytes at " + offset + " is not in the file");
        }
        MemoryBudget.work().require(new Need(TIMES * size, TIMES * size));
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

    /** Reads the vector, checks it, and serves it from memory. */
    @Override
    public SeekableInputStream newStream() {
        long offset = delete.contentOffset();
        byte[] vector = new byte[Math.toIntExact(delete.contentSizeInBytes())];
        try (SeekableInputStream in = file.newStream()) {
            in.seek(offset);
            IOUtil.readFully(in, vector, 0, vector.length);
        } catch (IOException e) {
            throw new org.apache.iceberg.exceptions.RuntimeIOException(e, "Cannot read %s", location());
        }
        requireBitmaps(ByteBuffer.wrap(vector).order(ByteOrder.LITTLE_ENDIAN));
        return new AtOffset(vector, offset);
    }

    private void requireBitmaps(ByteBuffer vector) {
        long count = vector.getLong(2 * Integer.BYTES);
        if (count < 0 || count > (vector.limit() - FRAME) / LEAST_BITMAP) {
            throw broken("a vector of " + count + " bitmaps in " + vector.limit() + " bytes");
        }
        int at = FIRST_KEY;
        try {
            int last = -1;
            for (long bitmap = 0; bitmap < count; bitmap++) {
                int key = vector.getInt(at);
                requireKey(key);
                require(key > last);
                last = key;
                at += Integer.BYTES;
                int left = vector.limit() - Integer.BYTES - at;
                ByteBuffer rest = vector.slice(at, left).order(ByteOrder.LITTLE_ENDIAN);
                ImmutableRoaringBitmap positions = new ImmutableRoaringBitmap(rest);
                int size = positions.serializedSizeInBytes();
                if (size > left) {
                    throw broken("a bitmap of " + size + " bytes where " + left + " are left");
                }
                requireOrder(positions);
                at += size;
            }
        } catch (IndexOutOfBoundsException | IllegalArgumentException | InvalidRoaringFormat e) {
            throw broken("bitmaps that cannot be read: " + e);
        }
    }

    private void requireKey(int key) {
        if (key < 0 || key > MOST_KEY) {
            throw broken("a vector of positions beyond " + ((long) MOST_KEY << Integer.SIZE));
        }
    }

    private void requireOrder(ImmutableRoaringBitmap positions) {
        int last = -1;
        for (MappeableContainerPointer at = positions.getContainerPointer(); at.hasContainer(); at.advance()) {
            require(at.key() > last);
            last = at.key();
            if (at.getContainer() instanceof MappeableRunContainer runs) {
                requireOrder(runs);
            } else {
                int previous = -1;
                int count = 0;
                for (CharIterator values = at.getContainer().getCharIterator(); values.hasNext(); count++) {
                    int value = values.next();
                    require(value > previous);
                    previous = value;
                }
                require(count == at.getCardinality());
            }
        }
    }

    private void requireOrder(MappeableRunContainer runs) {
        int end = -1;
        for (int run = 0; run < runs.numberOfRuns(); run++) {
            require(runs.getValue(run) > end);
            end = runs.getValue(run) + runs.getLength(run);
            require(end <= Character.MAX_VALUE);
        }
    }

    private void require(boolean sound) {
        if (!sound) {
            throw broken("positions that are not in order");
        }
    }

    private BrokenPageException broken(String what) {
        return new BrokenPageException(location() + ": " + what);
    }

    private static final class AtOffset extends SeekableInputStream {
        private final byte[] bytes;
        private final long offset;
        private long position;

        AtOffset(byte[] bytes, long offset) {
            this.bytes = bytes;
            this.offset = offset;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long to) {
            position = to;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] to, int from, int length) {
            long at = position - offset;
            if (at < 0 || at >= bytes.length) {
                return -1;
            }
            int count = (int) Math.min(length, bytes.length - at);
            System.arraycopy(bytes, (int) at, to, from, count);
            position += count;
            return count;
        }
    }
}
