package io.sink.pages;

import io.sink.pages.ChunkPages.Page;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.jspecify.annotations.Nullable;

/** Serves the pages of a chunk to Parquet's own column reader, decompressed one at a time. */
final class ChunkReader implements PageReader {
    private final ChunkPages pages;
    private final Codecs codecs;
    private int next;

    ChunkReader(ChunkPages pages, Codecs codecs) {
        this.pages = pages;
        this.codecs = codecs;
    }

    @Override
    public @Nullable DictionaryPage readDictionaryPage() {
        Page dictionary = pages.dictionary();
        return dictionary == null
                ? null
                : new DictionaryPage(
                        BytesInput.from(pages.body(dictionary, codecs)), dictionary.values(), dictionary.encoding());
    }

    @Override
    public long getTotalValueCount() {
        return pages.chunk().getValueCount();
    }

    @Override
    public @Nullable DataPage readPage() {
        // Parquet's reader fails at a page without entries, as others write them.
        while (next < pages.pages().size() && pages.pages().get(next).values() == 0) {
            next++;
        }
        if (next == pages.pages().size()) {
            return null;
        }
        Page page = pages.pages().get(next++);
        byte[] body = pages.body(page, codecs);
        Statistics<?> none = Statistics.getBuilderForReading(pages.chunk().getPrimitiveType())
                .build();
        if (!page.isV2()) {
            DataPageHeader said = page.header().getData_page_header();
            return new DataPageV1(
                    BytesInput.from(body),
                    page.values(),
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
                page.values(),
                BytesInput.from(Arrays.copyOfRange(body, 0, repetition)),
                BytesInput.from(Arrays.copyOfRange(body, repetition, levels)),
                page.encoding(),
                BytesInput.from(Arrays.copyOfRange(body, levels, body.length)),
                none);
    }
}
