package bench;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;

/**
 * What decoding and encoding costs if nothing is done in between: every page of zstd files is decompressed, compressed
 * again and written, and no value is looked at. {@code java … bench.ZstdLimit <threads> <file of paths> <output>}.
 */
final class ZstdLimit {
    /** That of Parquet's writers. */
    private static final int LEVEL = 3;

    private ZstdLimit() {}

    public static void main(String[] args) throws Exception {
        List<Path> files =
                Files.readAllLines(Path.of(args[1])).stream().map(Path::of).toList();
        ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(args[0]));
        try (FileChannel out = FileChannel.open(
                Path.of(args[2]),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            List<Future<?>> work = new ArrayList<>();
            files.forEach(file -> work.add(threads.submit(() -> again(file, out))));
            for (Future<?> done : work) {
                done.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void again(Path file, FileChannel out) {
        try (ParquetFileReader reader = ParquetFileReader.open(
                        new LocalInputFile(file),
                        ParquetReadOptions.builder(new PlainParquetConfiguration())
                                .build());
                FileChannel in = FileChannel.open(file);
                ZstdDecompressCtx decompress = new ZstdDecompressCtx();
                ZstdCompressCtx compress = new ZstdCompressCtx()) {
            compress.setLevel(LEVEL);
            for (BlockMetaData rowGroup : reader.getFooter().getBlocks()) {
                for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
                    byte[] bytes = new byte[Math.toIntExact(chunk.getTotalSize())];
                    in.read(ByteBuffer.wrap(bytes), chunk.getStartingPos());
                    again(bytes, decompress, compress, out);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void again(byte[] chunk, ZstdDecompressCtx decompress, ZstdCompressCtx compress, FileChannel out)
            throws IOException {
        ByteArrayInputStream pages = new ByteArrayInputStream(chunk);
        while (pages.available() > 0) {
            PageHeader header = Util.readPageHeader(pages);
            int from = chunk.length - pages.available();
            int size = header.getCompressed_page_size();
            byte[] plain = decompress.decompress(
                    Arrays.copyOfRange(chunk, from, from + size), header.getUncompressed_page_size());
            write(ByteBuffer.wrap(compress.compress(plain)), out);
            if (pages.skip(size) != size) {
                throw new IOException("a page that ends behind its chunk");
            }
        }
    }

    private static void write(ByteBuffer bytes, FileChannel out) throws IOException {
        synchronized (out) {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }
    }
}
