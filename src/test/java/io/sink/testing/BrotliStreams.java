package io.sink.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Streams of Brotli (RFC 7932) that need no encoder: bytes as they are, and zeros by the gigabyte. */
final class BrotliStreams {
    private static final int MOST_STORED = 1 << 16;
    private static final int WINDOW = 24;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long open;
    private int bits;

    private BrotliStreams() {}

    /** Has bytes stored as they are. */
    static final class Stored implements BytesInputCompressor {
        @Override
        public BytesInput compress(BytesInput plain) throws IOException {
            return BytesInput.from(stored(plain.toByteArray()));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.BROTLI;
        }

        @Override
        public void release() {
            // holds nothing
        }
    }

    /** These bytes, in meta-blocks that are not compressed. */
    static byte[] stored(byte[] plain) {
        BrotliStreams stream = new BrotliStreams();
        stream.window(16);
        for (int from = 0; from < plain.length; from += MOST_STORED) {
            int length = Math.min(MOST_STORED, plain.length - from);
            stream.put(0, 1);
            stream.put(0, 2);
            stream.put(length - 1, 16);
            stream.put(1, 1);
            stream.align();
            stream.bytes.write(plain, from, length);
        }
        return stream.end();
    }

    /** So many times 16 MiB of zeros, the window as large as can be: a zero and one copy of it in each meta-block. */
    static byte[] zeros(int times) {
        BrotliStreams stream = new BrotliStreams();
        stream.window(WINDOW);
        for (int i = 0; i < times; i++) {
            stream.put(0, 1);
            stream.put(2, 2);
            stream.put((1 << WINDOW) - 1, WINDOW);
            stream.put(0, 1);
            // one type of block each, no postfix, no direct distances, one context, one tree each
            stream.put(0, 3 + 2 + 4 + 2 + 2);
            stream.symbol(0, 8);
            // an insertion of one byte, and a copy of at least 2118
            stream.symbol(399, 10);
            // a distance of one
            stream.symbol(16, 6);
            stream.put((1 << WINDOW) - 1 - 2118, 24);
            stream.put(0, 1);
        }
        return stream.end();
    }

    private void window(int size) {
        if (size == 16) {
            put(0, 1);
        } else {
            put(1, 1);
            put(size - 17, 3);
        }
    }

    /** A prefix code of this symbol alone, which takes no bits then. */
    private void symbol(int symbol, int width) {
        put(1, 2);
        put(0, 2);
        put(symbol, width);
    }

    private byte[] end() {
        put(3, 2);
        align();
        return bytes.toByteArray();
    }

    private void put(int value, int width) {
        open |= (long) value << bits;
        bits += width;
        while (bits >= Byte.SIZE) {
            bytes.write((int) open & 0xFF);
            open >>>= Byte.SIZE;
            bits -= Byte.SIZE;
        }
    }

    private void align() {
        if (bits > 0) {
            put(0, Byte.SIZE - bits);
        }
    }
}
