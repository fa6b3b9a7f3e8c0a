package io.sink.columns;

import io.sink.pages.BrokenPageException;
import io.sink.pages.Codecs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/** The pages of one column chunk, one after the other. */
final class ChunkWalk {
    private final String where;
    private final ColumnChunkMetaData chunk;
    private final Codecs codecs;
    private final Pieces bytes;
    private final List<Page> pages = new ArrayList<>();
    private @Nullable Page dictionary;

    /**
     * One page.
     *
     * @param start position of its header in the chunk
     * @param body position of its body
     * @param end position after it
     */
    record Page(PageHeader header, int start, int body, int end) {
        boolean second() {
            return header.getType() == PageType.DATA_PAGE_V2;
        }

        int entries() {
            return second()
                    ? header.getData_page_header_v2().getNum_values()
                    : header.getData_page_header().getNum_values();
        }

        Encoding encoding() {
            return Encoding.valueOf((second()
                            ? header.getData_page_header_v2().getEncoding()
                            : header.getData_page_header().getEncoding())
                    .name());
        }
    }

    /**
     * Finds the pages.
     *
     * @param bytes those of the chunk
     * @param file the name of the file
     * @throws BrokenPageException if the bytes are not pages with as many entries as the footer says
     */
    ChunkWalk(Pieces bytes, String file, ColumnChunkMetaData chunk, Codecs codecs) {
        this.where = "column " + chunk.getPath().toDotString() + " of " + file;
        this.chunk = chunk;
        this.codecs = codecs;
        this.bytes = bytes;
        find();
    }

    /** The pages of a stored column. */
    static ChunkWalk of(StoredColumn stored, Codecs codecs) {
        return new ChunkWalk(new Pieces(stored.bytes()), stored.file(), stored.chunk(), codecs);
    }

    private void find() {
        Pieces.Stream in = bytes.new Stream();
        int end = bytes.length();
        long entries = 0;
        while (in.position() < end && entries < chunk.getValueCount()) {
            int start = in.position();
            PageHeader header;
            try {
                header = Util.readPageHeader(in);
            } catch (IOException | RuntimeException e) {
                throw new BrokenPageException("a page header that cannot be read in " + where, e);
            }
            int body = in.position();
            if (header.getCompressed_page_size() < 0 || header.getCompressed_page_size() > end - body) {
                throw new BrokenPageException("a page beyond the end of " + where);
            }
            Page page = new Page(header, start, body, body + header.getCompressed_page_size());
            switch (header.getType()) {
                case DICTIONARY_PAGE -> dictionary = page;
                case DATA_PAGE, DATA_PAGE_V2 -> {
                    pages.add(page);
                    entries += page.entries();
                }
                default -> {}
            }
            in.seek(page.end());
        }
        if (entries != chunk.getValueCount()) {
            throw new BrokenPageException(entries + " entries in the pages of " + where + ", and "
                    + chunk.getValueCount() + " in its footer");
        }
    }

    String where() {
        return where;
    }

    ColumnChunkMetaData chunk() {
        return chunk;
    }

    /** Header and body of a page, as they are stored. */
    ByteBuffer stored(Page page) {
        return bytes.slice(page.start(), page.end());
    }

    Pieces bytes() {
        return bytes;
    }

    List<Page> pages() {
        return pages;
    }

    /** The dictionary page; null if there is none. */
    @Nullable
    Page dictionary() {
        return dictionary;
    }

    /** @throws BrokenPageException if a page has a checksum, and not the bytes that it is of */
    void requireChecksums() {
        requireChecksum(dictionary);
        pages.forEach(this::requireChecksum);
    }

    private void requireChecksum(@Nullable Page page) {
        if (page != null && page.header().isSetCrc()) {
            CRC32 checksum = new CRC32();
            checksum.update(bytes.slice(page.body(), page.end()));
            if ((int) checksum.getValue() != page.header().getCrc()) {
                throw new BrokenPageException("a page of " + where + " does not have its checksum");
            }
        }
    }

    /** The body of a page, decompressed. */
    byte[] body(Page page) {
        int length = page.end() - page.body();
        int size = page.header().getUncompressed_page_size();
        int levels = 0;
        boolean compressed = true;
        if (page.second()) {
            DataPageHeaderV2 said = page.header().getData_page_header_v2();
            levels = said.getRepetition_levels_byte_length() + said.getDefinition_levels_byte_length();
            compressed = said.isIs_compressed() && length > levels;
        }
        byte[] body = new byte[size];
        ByteBuffer stored = bytes.slice(page.body(), page.end());
        try {
            stored.get(body, 0, compressed ? levels : size);
            if (compressed) {
                int from = stored.arrayOffset() + stored.position();
                codecs.decompress(chunk.getCodec(), stored.array(), from, length - levels, body, levels, size - levels);
            }
        } catch (IOException | RuntimeException | InternalError e) {
            throw new BrokenPageException("a page that cannot be decompressed in " + where, e);
        }
        return body;
    }

    /** Serves the pages to Parquet's own reader, which fails at a page without entries and leaves levels over. */
    PageReader reader(ColumnDescriptor column) {
        return new Reader(column);
    }

    private final class Reader implements PageReader {
        private final ColumnDescriptor column;
        private int next;

        Reader(ColumnDescriptor column) {
            this.column = column;
        }

        @Override
        public @Nullable DictionaryPage readDictionaryPage() {
            Page page = dictionary;
            return page == null
                    ? null
                    : new DictionaryPage(
                            BytesInput.from(body(page)),
                            page.header().getDictionary_page_header().getNum_values(),
                            Encoding.valueOf(page.header()
                                    .getDictionary_page_header()
                                    .getEncoding()
                                    .name()));
        }

        @Override
        public long getTotalValueCount() {
            return chunk.getValueCount();
        }

        @Override
        public @Nullable DataPage readPage() {
            while (next < pages.size() && pages.get(next).entries() == 0) {
                next++;
            }
            if (next == pages.size()) {
                return null;
            }
            Page page = pages.get(next++);
            byte[] body = body(page);
            if (Levels.can(page, column)) {
                Levels.of(page, body, column);
            }
            Statistics<?> none =
                    Statistics.getBuilderForReading(chunk.getPrimitiveType()).build();
            if (!page.second()) {
                DataPageHeader said = page.header().getData_page_header();
                return new DataPageV1(
                        BytesInput.from(body),
                        page.entries(),
                        body.length,
                        none,
                        Encoding.valueOf(said.getRepetition_level_encoding().name()),
                        Encoding.valueOf(said.getDefinition_level_encoding().name()),
                        page.encoding());
            }
            DataPageHeaderV2 said = page.header().getData_page_header_v2();
            int repetition = said.getRepetition_levels_byte_length();
            int levels = repetition + said.getDefinition_levels_byte_length();
            return DataPageV2.uncompressed(
                    said.getNum_rows(),
                    said.getNum_nulls(),
                    page.entries(),
                    BytesInput.from(Arrays.copyOfRange(body, 0, repetition)),
                    BytesInput.from(Arrays.copyOfRange(body, repetition, levels)),
                    page.encoding(),
                    BytesInput.from(Arrays.copyOfRange(body, levels, body.length)),
                    none);
        }
    }
}
