package io.sink.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.zip.CRC32;
import org.roaringbitmap.RoaringBitmap;

/** Reads a {@code deletion-vector-v1} blob by hand (Puffin spec, "deletion-vector-v1 blob type"). */
final class DeletionVector {
    private static final int MAGIC = 0xD1D33964;
    private static final int FRAME = 3 * Integer.BYTES;

    private DeletionVector() {}

    /**
     * The deleted positions.
     *
     * @param cardinality how many positions the manifest promises
     * @throws IllegalStateException if length, magic, checksum or cardinality are not what they should be
     */
    static BitSet read(Path puffin, long offset, long length, long cardinality) throws IOException {
        byte[] blob = new byte[Math.toIntExact(length)];
        try (RandomAccessFile file = new RandomAccessFile(puffin.toFile(), "r")) {
            file.seek(offset);
            file.readFully(blob);
        }
        ByteBuffer buffer = ByteBuffer.wrap(blob);
        int body = blob.length - 2 * Integer.BYTES;
        require(blob.length >= FRAME && buffer.getInt(0) == body, puffin, "length");
        require(buffer.getInt(Integer.BYTES) == MAGIC, puffin, "magic");
        CRC32 crc = new CRC32();
        crc.update(blob, Integer.BYTES, body);
        require(buffer.getInt(blob.length - Integer.BYTES) == (int) crc.getValue(), puffin, "checksum");

        BitSet positions = positions(buffer.slice(2 * Integer.BYTES, blob.length - FRAME));
        require(positions.cardinality() == cardinality, puffin, "cardinality");
        return positions;
    }

    /** Decodes a 64-bit portable bitmap: a count, then per high word a key and a 32-bit portable bitmap. */
    private static BitSet positions(ByteBuffer portable) throws IOException {
        ByteBuffer bitmaps = portable.order(ByteOrder.LITTLE_ENDIAN);
        BitSet positions = new BitSet();
        for (long left = bitmaps.getLong(); left > 0; left--) {
            long high = (long) bitmaps.getInt() << Integer.SIZE;
            RoaringBitmap low = new RoaringBitmap();
            low.deserialize(bitmaps.slice().order(ByteOrder.LITTLE_ENDIAN));
            bitmaps.position(bitmaps.position() + low.serializedSizeInBytes());
            low.forEach((int bits) -> positions.set(Math.toIntExact(high | Integer.toUnsignedLong(bits))));
        }
        return positions;
    }

    private static void require(boolean holds, Path puffin, String what) {
        if (!holds) {
            throw new IllegalStateException("Deletion vector in " + puffin + " has a wrong " + what);
        }
    }
}
