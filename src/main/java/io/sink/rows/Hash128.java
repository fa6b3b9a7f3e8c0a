package io.sink.rows;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A running 128-bit hash in the manner of MurmurHash3's x64 variant: the same rounds over a stream of 64-bit words, and
 * its finalisation. It guards against accidents, not against an adversary.
 */
final class Hash128 {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long C1 = 0x87c37b91114253d5L;
    private static final long C2 = 0x4cf5ad432745937fL;

    private long h1;
    private long h2;
    private long words;

    /** Adds one word. */
    void add(long word) {
        long k1 = Long.rotateLeft(word * C1, 31) * C2;
        h1 = (Long.rotateLeft(h1 ^ k1, 27) + h2) * 5 + 0x52dce729;
        long k2 = Long.rotateLeft(word * C2, 33) * C1;
        h2 = (Long.rotateLeft(h2 ^ k2, 31) + h1) * 5 + 0x38495ab5;
        words++;
    }

    /** Adds the number of bytes between position and limit, and these bytes; position and limit do not change. */
    void add(ByteBuffer bytes) {
        ByteBuffer left = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        add(left.remaining());
        while (left.remaining() >= Long.BYTES) {
            add(left.getLong());
        }
        long tail = 0;
        for (int shift = 0; left.hasRemaining(); shift += Byte.SIZE) {
            tail |= (left.get() & 0xffL) << shift;
        }
        add(tail);
    }

    /** Adds the number of bytes, and these bytes, as if they were in a buffer. */
    void add(byte[] bytes) {
        add((long) bytes.length);
        int at = 0;
        for (; at <= bytes.length - Long.BYTES; at += Long.BYTES) {
            add((long) WORDS.get(bytes, at));
        }
        long tail = 0;
        for (int shift = 0; at < bytes.length; at++, shift += Byte.SIZE) {
            tail |= (bytes[at] & 0xffL) << shift;
        }
        add(tail);
    }

    /** The hash of everything added. */
    Fingerprint finish() {
        long a = h1 ^ words;
        long b = h2 ^ words;
        a += b;
        b += a;
        a = mix(a);
        b = mix(b);
        a += b;
        b += a;
        return new Fingerprint(a, b);
    }

    private static long mix(long value) {
        long mixed = value ^ (value >>> 33);
        mixed *= 0xff51afd7ed558ccdL;
        mixed ^= mixed >>> 33;
        mixed *= 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
