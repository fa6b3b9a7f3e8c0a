package io.sink.pages;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/** Compressors and decompressors of one thread. Must be closed: those of zstd hold native memory. */
final class Codecs implements AutoCloseable {
    private static final int PAGE = 1 << 20;

    private final CodecFactory factory;
    private final CompressionCodecName output;

    /** @param level of the output's codec; null: the codec's own */
    Codecs(CompressionCodecName output, @Nullable String level) {
        // Without Hadoop's defaults: loading them takes longer than a small file.
        Configuration configuration = new Configuration(false);
        if (level != null) {
            switch (output) {
                case GZIP -> configuration.set("zlib.compress.level", level);
                case ZSTD -> configuration.set("parquet.compression.codec.zstd.level", level);
                default -> {}
            }
        }
        this.factory = new CodecFactory(configuration, PAGE);
        this.output = output;
    }

    CompressionCodecName output() {
        return output;
    }

    byte[] compress(BytesInput bytes) {
        try {
            return factory.getCompressor(output).compress(bytes).toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Decompresses to exactly this size.
     *
     * @throws IOException if the bytes are no such thing
     */
    byte[] decompress(CompressionCodecName codec, byte[] from, int position, int length, int size) throws IOException {
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
        factory.release();
    }
}
