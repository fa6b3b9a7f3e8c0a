package io.sink.pages;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column chunk, compressed as in the file. Checksums are checked if pages have them.
 */
final class ChunkPages {
    private final String where;
    private final long most;
    private final ColumnChunkMetaData chunk;
    private final ByteBuffer bytes;
    private final List<Page> pages = new ArrayList<>();
    private @Nullable Page dictionary;

    /**
     * One page.
     *
     * @param start position of its header in the array that holds the chunk
     * @param body position of its body
     * @param end position after it
     * @param values number of entries, nulls included; of a dictionary, of its values
     */
    record Page(PageHeader header, int start, int body, int end, Encoding encoding, int values) {
        boolean isV2() {
            return header.getType() == PageType.DATA_PAGE_V2;
        }

        int length() {
            return end - start;
        }
    }

    private ChunkPages(String where, ColumnChunkMetaData chunk, ByteBuffer bytes, long most) {
        this.most = most;
        this.where = where;
        this.chunk = chunk;
        this.bytes = bytes;
    }

    /**
     * Reads the chunk and finds its pages.
     *
     * @param most the most bytes that the chunk may have, and each of its pages uncompressed
     * @throws BrokenPageException if the pages contradict the footer, or are too large
     */
    static ChunkPages read(SourceFile file, ColumnChunkMetaData chunk, long most) {
        String where = "column " + chunk.getPath().toDotString() + " at " + chunk.getStartingPos() + " of "
                + file.bytes().name();
        long length = chunk.getTotalSize();
        if (length < 0 || length > most) {
            throw new BrokenPageException(where + ": a chunk of " + length + " bytes does not fit in memory");
        }
        ByteBuffer bytes = file.bytes().readChunk(chunk.getStartingPos(), (int) length);
        ChunkPages pages = new ChunkPages(where, chunk, bytes, most);
        pages.find();
        if (file.exactStatistics()) {
            pages.requireEncodings();
        }
        return pages;
    }

    /**
     * Checks pages against the encodings that Parquet for Java counts for data pages: a page of another encoding has a
     * damaged header, which no checksum covers. The chunk's other list of encodings includes those of levels.
     */
    private void requireEncodings() {
        EncodingStats stats = chunk.getEncodingStats();
        if (stats == null) {
            return;
        }
        Set<Encoding> counted = new HashSet<>();
        stats.getDataEncodings().forEach(encoding -> counted.add(plainly(encoding)));
        for (Page page : pages) {
            if (!counted.contains(plainly(page.encoding()))) {
                throw broken("a data page of encoding " + page.encoding() + ", and the footer counts " + counted);
            }
        }
    }

    /** Header and body of a page, as in the file. */
    ByteBuffer verbatim(Page page) {
        return ByteBuffer.wrap(bytes.array(), page.start(), page.length());
    }

    List<Page> pages() {
        return pages;
    }

    @Nullable
    Page dictionary() {
        return dictionary;
    }

    ColumnChunkMetaData chunk() {
        return chunk;
    }

    BrokenPageException broken(String what) {
        return new BrokenPageException(where + ": " + what);
    }

    BrokenPageException broken(String what, Throwable cause) {
        return new BrokenPageException(where + ": " + what, cause);
    }

    private void find() {
        At in = new At(bytes);
        int until = bytes.limit();
        long values = 0;
        while (values < chunk.getValueCount()) {
            int start = in.position();
            PageHeader header;
            try {
                ThriftBounds.require(bytes.array(), in.position(), bytes.limit());
                header = Util.readPageHeader(in);
            } catch (IOException | RuntimeException e) {
                throw broken("no page header at " + start, e);
            }
            int body = in.position();
            int length = header.getCompressed_page_size();
            int size = header.getUncompressed_page_size();
            if (length < 0 || size < 0 || size > most || length > until - body) {
                throw broken("a page of " + length + " bytes, " + size + " uncompressed, at " + start);
            }
            checksum(header, body, length);
            int end = body + length;
            in.skipTo(end);
            values += switch (header.getType()) {
                case DICTIONARY_PAGE -> {
                    dictionary = dictionary(header, start, body, end);
                    yield 0;
                }
                case DATA_PAGE -> add(dataPage(header, start, body, end));
                case DATA_PAGE_V2 -> add(dataPageV2(header, start, body, end));
                // Index pages, which nobody writes and readers skip.
                default -> 0;
            };
        }
        if (values != chunk.getValueCount()) {
            throw broken(values + " values in pages, and " + chunk.getValueCount() + " in the footer");
        }
    }

    private Page dictionary(PageHeader header, int start, int body, int end) {
        if (dictionary != null || !pages.isEmpty()) {
            throw broken("a dictionary that is not the first page");
        }
        var said = header.getDictionary_page_header();
        if (said == null) {
            throw broken("a dictionary without a header");
        }
        return new Page(header, start, body, end, encoding(said.getEncoding()), said.getNum_values());
    }

    private Page dataPage(PageHeader header, int start, int body, int end) {
        DataPageHeader said = header.getData_page_header();
        if (said == null) {
            throw broken("a data page without a header");
        }
        requireLevels(said.getRepetition_level_encoding());
        requireLevels(said.getDefinition_level_encoding());
        return new Page(header, start, body, end, encoding(said.getEncoding()), said.getNum_values());
    }

    /** Also of a column that has no such levels: there are readers that begin with them, and cannot read the page. */
    private void requireLevels(org.apache.parquet.format.@Nullable Encoding encoding) {
        if (encoding != org.apache.parquet.format.Encoding.RLE
                && encoding != org.apache.parquet.format.Encoding.BIT_PACKED) {
            throw broken("a data page with levels of encoding " + encoding + ", which is none of levels");
        }
    }

    private Page dataPageV2(PageHeader header, int start, int body, int end) {
        DataPageHeaderV2 said = header.getData_page_header_v2();
        int least = Math.min(header.getCompressed_page_size(), header.getUncompressed_page_size());
        if (said == null
                || said.getRepetition_levels_byte_length() < 0
                || said.getDefinition_levels_byte_length() < 0
                || (long) said.getRepetition_levels_byte_length() + said.getDefinition_levels_byte_length() > least) {
            throw broken("a data page whose levels do not fit");
        }
        return new Page(header, start, body, end, encoding(said.getEncoding()), said.getNum_values());
    }

    /**
     * Why the page headers, which no checksum covers, cannot be trusted; null if the footer confirms them.
     *
     * @param exact whether the writer is known to include headers in the sizes of pages
     */
    @Nullable
    String doubt(boolean exact) {
        Set<Encoding> named = new HashSet<>();
        chunk.getEncodings().forEach(encoding -> named.add(plainly(encoding)));
        long size = dictionary == null ? 0 : uncompressed(dictionary);
        for (Page page : pages) {
            size += uncompressed(page);
            if (!named.contains(plainly(page.encoding()))) {
                return "pages of encoding " + page.encoding() + ", which the footer does not name";
            }
        }
        return exact && size != chunk.getTotalUncompressedSize()
                ? "pages of " + size + " bytes, where the footer has " + chunk.getTotalUncompressedSize()
                : null;
    }

    private static long uncompressed(Page page) {
        return (long) page.body() - page.start() + page.header().getUncompressed_page_size();
    }

    /** The encoding with one name for dictionary ids, which have two. */
    private static Encoding plainly(Encoding encoding) {
        return encoding == Encoding.PLAIN_DICTIONARY ? Encoding.RLE_DICTIONARY : encoding;
    }

    private int add(Page page) {
        // Levels are decoded into ints.
        if (page.values() < 0 || page.values() > most / 16) {
            throw broken("a page of " + page.values() + " values");
        }
        pages.add(page);
        return page.values();
    }

    private Encoding encoding(org.apache.parquet.format.@Nullable Encoding encoding) {
        try {
            return Encoding.valueOf(String.valueOf(encoding));
        } catch (IllegalArgumentException e) {
            throw broken("a page of unknown encoding", e);
        }
    }

    private void checksum(PageHeader header, int body, int length) {
        if (!header.isSetCrc()) {
            return;
        }
        CRC32 crc = new CRC32();
        crc.update(bytes.array(), body, length);
        if ((int) crc.getValue() != header.getCrc()) {
            throw broken("the checksum of a page is wrong");
        }
    }

    /** The page's body, decompressed: levels, then values. */
    byte[] body(Page page, Codecs codecs) {
        byte[] body = new byte[page.header().getUncompressed_page_size()];
        body(page, codecs, body);
        return body;
    }

    /** Decompresses the page's body into this array, which has room for it. */
    void body(Page page, Codecs codecs, byte[] to) {
        int length = page.end() - page.body();
        int size = page.header().getUncompressed_page_size();
        try {
            int levels = 0;
            boolean compressed = true;
            if (page.isV2()) {
                DataPageHeaderV2 said = page.header().getData_page_header_v2();
                levels = said.getRepetition_levels_byte_length() + said.getDefinition_levels_byte_length();
                compressed = said.isIs_compressed() && length > levels;
            }
            if (compressed) {
                System.arraycopy(bytes.array(), page.body(), to, 0, levels);
                codecs.decompress(
                        chunk.getCodec(),
                        bytes.array(),
                        page.body() + levels,
                        length - levels,
                        to,
                        levels,
                        size - levels);
            } else if (length != size) {
                throw broken("an uncompressed page of " + length + " bytes that should have " + size);
            } else {
                System.arraycopy(bytes.array(), page.body(), to, 0, size);
            }
        } catch (IOException | RuntimeException | InternalError e) {
            // Codecs throw anything for damaged bytes, even InternalError.
            throw e instanceof BrokenPageException broken ? broken : broken("a page cannot be decompressed", e);
        }
    }

    private static final class At extends ByteArrayInputStream {
        At(ByteBuffer bytes) {
            super(bytes.array(), bytes.position(), bytes.remaining());
        }

        int position() {
            return pos;
        }

        void skipTo(int position) {
            pos = position;
        }
    }
}
