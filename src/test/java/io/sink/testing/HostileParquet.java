package io.sink.testing;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/** A Parquet file of one row group, written anew by hand so that it claims more than it has. */
public final class HostileParquet {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int TRAILER = 8;

    private final Path file;
    private final byte[] whole;

    private HostileParquet(Path file, byte[] whole) {
        this.file = file;
        this.whole = whole;
    }

    public static HostileParquet of(Path file) throws IOException {
        return new HostileParquet(file, Files.readAllBytes(file));
    }

    /** The footer's length as the file says it. */
    public void footerLength(int length) throws IOException {
        byte[] bytes = whole.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - TRAILER, length);
        Files.write(file, bytes);
    }

    /** A footer of these bytes. */
    public void footer(byte[] footer) throws IOException {
        Files.write(file, withFooter(Arrays.copyOf(whole, whole.length - TRAILER - footerLength()), footer));
    }

    /** The same footer, changed. */
    public void footer(Consumer<FileMetaData> change) throws IOException {
        FileMetaData footer = footer();
        change.accept(footer);
        footer(encoded(footer));
    }

    /** A change to the first column chunk that the footer names. */
    public void chunk(Consumer<ColumnMetaData> change) throws IOException {
        footer(footer ->
                change.accept(footer.getRow_groups().get(0).getColumns().get(0).getMeta_data()));
    }

    /** The header of the first page of a type, changed, all the rest as it is. */
    public void page(PageType type, Consumer<PageHeader> change) throws IOException {
        rewrite(type, (header, body) -> {
            change.accept(header);
            return body;
        });
    }

    /** The first data page unpacks to so many zeros; the footer says so too. */
    public void bomb(int unpacked) throws IOException {
        rewrite(PageType.DATA_PAGE, (header, body) -> {
            byte[] once = Zstd.compress(new byte[1 << 20]);
            byte[] zeros = new byte[once.length * (unpacked >> 20)];
            for (int at = 0; at < zeros.length; at += once.length) {
                System.arraycopy(once, 0, zeros, at, once.length);
            }
            header.setCompressed_page_size(zeros.length);
            header.setUncompressed_page_size(unpacked);
            header.unsetCrc();
            return zeros;
        });
        of(file).chunk(chunk -> {
            chunk.setCodec(CompressionCodec.ZSTD);
            chunk.setTotal_uncompressed_size(unpacked + 100L);
        });
    }

    /**
     * The first data page unpacks by Brotli to so many times 16 MiB of zeros.
     *
     * @param said bytes that header and footer say it unpacks to
     */
    void brotliBomb(int times, int said) throws IOException {
        rewrite(PageType.DATA_PAGE, (header, body) -> {
            byte[] zeros = BrotliStreams.zeros(times);
            header.setCompressed_page_size(zeros.length);
            header.setUncompressed_page_size(said);
            header.unsetCrc();
            return zeros;
        });
        of(file).chunk(chunk -> {
            chunk.setCodec(CompressionCodec.BROTLI);
            chunk.setTotal_uncompressed_size(said + 100L);
        });
    }

    /** What a page becomes. */
    private interface Change {
        byte[] apply(PageHeader header, byte[] body);
    }

    private void rewrite(PageType type, Change change) throws IOException {
        FileMetaData footer = footer();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(MAGIC);
        boolean changed = false;
        for (ColumnChunk column : footer.getRow_groups().get(0).getColumns()) {
            ColumnMetaData chunk = column.getMeta_data();
            long dictionary = chunk.isSetDictionary_page_offset() ? chunk.getDictionary_page_offset() : 0;
            int start = Math.toIntExact(dictionary > 0 ? dictionary : chunk.getData_page_offset());
            int end = start + Math.toIntExact(chunk.getTotal_compressed_size());
            int from = bytes.size();
            for (int at = start; at < end; ) {
                ByteArrayInputStream in = new ByteArrayInputStream(whole, at, end - at);
                PageHeader header = Util.readPageHeader(in);
                int body = end - in.available();
                int next = body + header.getCompressed_page_size();
                byte[] page = Arrays.copyOfRange(whole, body, next);
                if (header.getType() == PageType.DICTIONARY_PAGE) {
                    chunk.setDictionary_page_offset(bytes.size());
                } else if (chunk.getData_page_offset() == at) {
                    chunk.setData_page_offset(bytes.size());
                }
                if (!changed && header.getType() == type) {
                    page = change.apply(header, page);
                    changed = true;
                }
                Util.writePageHeader(header, bytes);
                bytes.write(page);
                at = next;
            }
            chunk.setTotal_compressed_size(bytes.size() - from);
            column.unsetColumn_index_offset();
            column.unsetColumn_index_length();
            column.unsetOffset_index_offset();
            column.unsetOffset_index_length();
            chunk.unsetBloom_filter_offset();
        }
        if (!changed) {
            throw new IllegalArgumentException("no " + type + " in " + file);
        }
        Files.write(file, withFooter(bytes.toByteArray(), encoded(footer)));
    }

    private FileMetaData footer() throws IOException {
        int length = footerLength();
        return Util.readFileMetaData(new ByteArrayInputStream(whole, whole.length - TRAILER - length, length));
    }

    private int footerLength() {
        return ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - TRAILER);
    }

    private static byte[] encoded(FileMetaData footer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Util.writeFileMetaData(footer, bytes);
        return bytes.toByteArray();
    }

    private static byte[] withFooter(byte[] pages, byte[] footer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(pages);
        bytes.write(footer);
        bytes.write(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(footer.length)
                .array());
        bytes.write(MAGIC);
        return bytes.toByteArray();
    }
}
