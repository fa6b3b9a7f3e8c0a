package org.apache.hadoop.io.compress;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.brotli.dec.BrotliInputStream;
import org.jspecify.annotations.NullUnmarked;

/**
 * Decompresses Brotli. Parquet asks for a class of this name, which Hadoop does not have, when a page is compressed so.
 *
 * <p>Its readers read as many bytes as the page's header says, and those were looked at before. What the decoder itself
 * holds is Brotli's window, 16 MiB at most, and as much of it as the stream says that there are bytes.
 *
 * @ref LLP 0008#codecs
 */
@NullUnmarked // Hadoop takes and gives null for what a codec does not have
public final class BrotliCodec implements CompressionCodec {
    @Override
    public CompressionInputStream createInputStream(InputStream in) throws IOException {
        return new Decompressed(in);
    }

    @Override
    public CompressionInputStream createInputStream(InputStream in, Decompressor none) throws IOException {
        return new Decompressed(in);
    }

    /** Streams need none. */
    @Override
    public Class<? extends Decompressor> getDecompressorType() {
        return null;
    }

    @Override
    public Decompressor createDecompressor() {
        return null;
    }

    @Override
    public CompressionOutputStream createOutputStream(OutputStream out) {
        throw notWritten();
    }

    @Override
    public CompressionOutputStream createOutputStream(OutputStream out, Compressor none) {
        throw notWritten();
    }

    @Override
    public Class<? extends Compressor> getCompressorType() {
        return null;
    }

    @Override
    public Compressor createCompressor() {
        return null;
    }

    @Override
    public String getDefaultExtension() {
        return ".br";
    }

    private static UnsupportedOperationException notWritten() {
        return new UnsupportedOperationException("Brotli is read, and not written");
    }

    private static final class Decompressed extends CompressionInputStream {
        private final InputStream plain;

        Decompressed(InputStream in) throws IOException {
            super(in);
            this.plain = new BrotliInputStream(in);
        }

        @Override
        public int read() throws IOException {
            return plain.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return plain.read(bytes, offset, length);
        }

        @Override
        public void resetState() {
            throw new UnsupportedOperationException("one stream is one page");
        }
    }
}
