package io.sink.columns;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** Bytes that follow one another and are held in several arrays. Safe for use by several threads. */
final class Pieces {
    private final ByteBuffer[] pieces;
    private final int[] ends;

    /** @param pieces none of which may be changed meanwhile */
    Pieces(List<ByteBuffer> pieces) {
        this.pieces = pieces.toArray(ByteBuffer[]::new);
        this.ends = new int[this.pieces.length];
        int end = 0;
        for (int i = 0; i < ends.length; i++) {
            end = Math.addExact(end, this.pieces[i].remaining());
            ends[i] = end;
        }
    }

    int length() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    /** The bytes between two positions: a view of them if they are in one array, else a copy. */
    ByteBuffer slice(int from, int until) {
        int piece = at(from);
        if (piece == pieces.length) {
            return ByteBuffer.allocate(0);
        }
        int start = start(piece);
        if (until <= ends[piece]) {
            return view(piece, from - start, until - start);
        }
        ByteBuffer joined = ByteBuffer.allocate(until - from);
        for (int at = from; at < until; piece++) {
            int end = Math.min(until, ends[piece]);
            joined.put(view(piece, at - start(piece), end - start(piece)));
            at = end;
        }
        return joined.flip();
    }

    private ByteBuffer view(int piece, int from, int until) {
        ByteBuffer all = pieces[piece];
        return ByteBuffer.wrap(all.array(), all.arrayOffset() + all.position() + from, until - from);
    }

    private int start(int piece) {
        return piece == 0 ? 0 : ends[piece - 1];
    }

    /** The piece that holds the byte at a position; behind the last one if none does. */
    private int at(int position) {
        int low = 0;
        int high = ends.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The checksum of all bytes. */
    int checksum() {
        CRC32C checksum = new CRC32C();
        for (ByteBuffer piece : pieces) {
            checksum.update(piece.duplicate());
        }
        return (int) checksum.getValue();
    }

    /** Reads from any position. */
    final class Stream extends InputStream {
        private int position;
        private int piece;

        int position() {
            return position;
        }

        void seek(int to) {
            position = to;
            piece = at(to);
        }

        @Override
        public int read() {
            while (piece < pieces.length && position >= ends[piece]) {
                piece++;
            }
            if (piece == pieces.length) {
                return -1;
            }
            ByteBuffer from = pieces[piece];
            return from.get(from.position() + position++ - start(piece)) & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int count) {
            int done = 0;
            for (; done < count; done++) {
                int next = read();
                if (next < 0) {
                    return done == 0 ? -1 : done;
                }
                to[offset + done] = (byte) next;
            }
            return done;
        }
    }
}
