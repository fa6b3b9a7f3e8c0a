package io.sink.pages;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.codec.ZstandardCodec;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Compressors and decompressors of one thread. Must be closed: those of zstd hold native memory.
 *
 * <p>Zstd, which most files are compressed with, goes page by page from array to array. Parquet's own way is a stream for
 * each page, and costs more than the compression where pages are small.
 */
final class Codecs implements AutoCloseable {
    private static final int PAGE = 1 << 20;

    private final CodecFactory factory;
    private final CompressionCodecName output;
    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private final ZstdDecompressCtx unzstd = new ZstdDecompressCtx();

    /** @param level of the output's codec; null: the codec's own */
    Codecs(CompressionCodecName output, @Nullable String level) {
        // Without Hadoop's defaults: loading them takes longer than a small file.
        Configuration configuration = new Configuration(false);
        if (level != null) {
            switch (output) {
                case GZIP -> configuration.set("zlib.compress.level", level);
                case ZSTD -> configuration.set(ZstandardCodec.PARQUET_COMPRESS_ZSTD_LEVEL, level);
                default -> {}
            }
        }
        zstd.setLevel(configuration.getInt(
                ZstandardCodec.PARQUET_COMPRESS_ZSTD_LEVEL, ZstandardCodec.DEFAULT_PARQUET_COMPRESS_ZSTD_LEVEL));
        this.factory = new CodecFactory(configuration, PAGE);
        this.output = output;
    }

    CompressionCodecName output() {
        return output;
    }

    byte[] compress(BytesInput bytes) {
        try {
            if (output == CompressionCodecName.ZSTD) {
                return zstd.compress(bytes.toByteArray());
            }
            return factory.getCompressor(output).compress(bytes).toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Decompresses to exactly this size.
     *
     * @throws IOException if the bytes are no such thing
     * @throws RuntimeException or an {@link InternalError}, of the codec's own, for the same reason
     */
    byte[] decompress(CompressionCodecName codec, byte[] from, int position, int length, int size) throws IOException {
        if (codec == CompressionCodecName.ZSTD) {
            byte[] bytes = new byte[size];
            int got = unzstd.decompressByteArray(bytes, 0, size, from, position, length);
            if (got != size) {
                throw new IOException("a page of " + got + " bytes that should have " + size);
            }
            return bytes;
        }
        byte[] bytes = factory.getDecompressor(codec)
                .decompress(BytesInput.from(from, position, length), size)
                .toByteArray();
        if (bytes.length != size) {
            throw new IOException("a page of " + bytes.length + " bytes that should have " + size);
        }
        return bytes;
    }

    @Override
    public void close() {
        zstd.close();
        unzstd.close();
        factory.release();
    }
}
