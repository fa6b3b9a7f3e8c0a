package io.sink.pages;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.codec.ZstandardCodec;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.brotli.dec.BrotliInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compressors and decompressors, one set for each thread at work. Must be closed once no thread is at work: those of
 * zstd hold native memory.
 *
 * <p>Zstd, which most files use, compresses each page from array to array. Parquet's own code uses a stream for each
 * page, which costs more than the compression if pages are small.
 */
public final class Codecs implements AutoCloseable {
    private static final int PAGE = 1 << 20;

    private final Configuration configuration;
    private final CompressionCodecName output;
    private final Queue<Context> idle = new ConcurrentLinkedQueue<>();

    /**
     * @param output codec of the output
     * @param level level of the output's codec; null for the codec's default
     */
    public Codecs(CompressionCodecName output, @Nullable String level) {
        // Without Hadoop's defaults: loading them takes longer than a small file.
        this.configuration = new Configuration(false);
        if (level != null) {
            switch (output) {
                case GZIP -> configuration.set("zlib.compress.level", level);
                case ZSTD -> configuration.set(ZstandardCodec.PARQUET_COMPRESS_ZSTD_LEVEL, level);
                default -> {}
            }
        }
        this.output = output;
    }

    /** The codecs that one thread uses at a time. */
    private static final class Context {
        private final CodecFactory factory;
        private final ZstdCompressCtx zstd = new ZstdCompressCtx();
        private final ZstdDecompressCtx unzstd = new ZstdDecompressCtx();
        private byte[] compressed = {};

        Context(Configuration configuration) {
            zstd.setLevel(configuration.getInt(
                    ZstandardCodec.PARQUET_COMPRESS_ZSTD_LEVEL, ZstandardCodec.DEFAULT_PARQUET_COMPRESS_ZSTD_LEVEL));
            this.factory = new CodecFactory(configuration, PAGE);
        }

        void close() {
            zstd.close();
            unzstd.close();
            factory.release();
        }
    }

    private Context borrow() {
        Context context = idle.poll();
        return context == null ? new Context(configuration) : context;
    }

    CompressionCodecName output() {
        return output;
    }

    /** Compresses the first {@code length} bytes with the output's codec. */
    byte[] compress(byte[] from, int length) {
        Context mine = borrow();
        try {
            if (output != CompressionCodecName.ZSTD) {
                return mine.factory
                        .getCompressor(output)
                        .compress(BytesInput.from(from, 0, length))
                        .toByteArray();
            }
            int most = Math.toIntExact(Zstd.compressBound(length));
            if (mine.compressed.length < most) {
                mine.compressed = new byte[most];
            }
            int size = mine.zstd.compressByteArray(mine.compressed, 0, most, from, 0, length);
            return Arrays.copyOf(mine.compressed, size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            idle.add(mine);
        }
    }

    /**
     * Decompresses to exactly this size.
     *
     * @param at position in {@code to} of the first decompressed byte
     * @throws IOException if the bytes are not of this codec, or decompress to another size
     * @throws RuntimeException or an {@link InternalError}, from the codec, for the same reason
     */
    public void decompress(
            CompressionCodecName codec, byte[] from, int position, int length, byte[] to, int at, int size)
            throws IOException {
        Context mine = borrow();
        try {
            if (codec == CompressionCodecName.ZSTD) {
                require(mine.unzstd.decompressByteArray(to, at, size, from, position, length), size);
                return;
            }
            if (codec == CompressionCodecName.BROTLI) {
                try (InputStream plain = new BrotliInputStream(new ByteArrayInputStream(from, position, length))) {
                    require(plain.readNBytes(to, at, size) + (plain.read() < 0 ? 0 : 1), size);
                }
                return;
            }
            byte[] bytes = mine.factory
                    .getDecompressor(codec)
                    .decompress(BytesInput.from(from, position, length), size)
                    .toByteArray();
            require(bytes.length, size);
            System.arraycopy(bytes, 0, to, at, size);
        } finally {
            idle.add(mine);
        }
    }

    private static void require(int got, int size) throws IOException {
        if (got != size) {
            throw new IOException("a page of " + got + " bytes or more that should have " + size);
        }
    }

    @Override
    public void close() {
        for (Context context = idle.poll(); context != null; context = idle.poll()) {
            context.close();
        }
    }
}
