package io.sink.pages;

import io.sink.pages.ChunkPages.Page;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/**
 * Makes one column chunk out of the pages of several: whole pages are copied if possible, dictionaries are merged,
 * small pages are joined.
 */
final class PageMerge {
    /** Pages are joined if they have on average fewer entries than this, and fewer bytes than {@link #ENOUGH_BYTES}. */
    private static final int ENOUGH_ROWS = 10_000;

    private static final int ENOUGH_BYTES = 256 << 10;

    /** Pages that may be decoded ahead. */
    private static final int AHEAD = 8;

    private final ColumnDescriptor column;
    private final int number;
    private final WriteSettings settings;
    private final Codecs codecs;
    private final Buffers buffers;
    private final ChunkBuilder chunk;
    private final Deque<Step> ahead = new ArrayDeque<>();
    private long bytesAhead;
    private final Map<Share, Long> shares = new EnumMap<>(Share.class);

    /** @param number the number of the leaf column in the output */
    PageMerge(ColumnDescriptor column, int number, WriteSettings settings, Codecs codecs, Buffers buffers) {
        this.column = column;
        this.number = number;
        this.settings = settings;
        this.codecs = codecs;
        this.buffers = buffers;
        this.chunk = new ChunkBuilder(column, codecs, buffers);
    }

    /** One chunk to take pages from. */
    private record Source(RowGroupPart part, StoredLeaf leaf, ChunkPages pages, PageStatistics statistics) {}

    /** A dictionary of a source: its values, their positions, and their ids in the merged one; null if it has none. */
    private record Ids(byte[] plain, int[] offsets, int @Nullable [] map) {
        int size() {
            return offsets.length - 1;
        }
    }

    /**
     * A page to add.
     *
     * @param first the number of its first row in the row group
     * @param rows number of its rows
     * @param dropped number of its rows that are deleted
     */
    private record Turn(
            Source source, @Nullable Ids ids, Page page, int first, int rows, int dropped, Statistics<?> statistics) {
        long bytes() {
            return page.header().getUncompressed_page_size();
        }
    }

    /**
     * A page that waits to be added, and the work on it until then: it is decoded or checked.
     *
     * @param copied whether it is copied unchanged
     * @param work the work; null if none is needed
     */
    private record Step(Turn turn, boolean copied, @Nullable Work<Decoded> work) {}

    /** A decoded page, or why it cannot be decoded; neither for a page that is copied. */
    private record Decoded(
            @Nullable DecodedPage page, @Nullable NotByPageException not) {}

    /**
     * Merges the pages. Other threads may take part until this returns.
     *
     * @throws NotByPageException if values must be moved one by one
     * @throws BrokenPageException if a source is damaged
     */
    BuiltChunk merge(List<RowGroupPart> parts) throws NotByPageException {
        List<Source> sources = new ArrayList<>();
        for (RowGroupPart part : parts) {
            sources.add(source(part));
        }
        boolean healthy = healthy(sources);
        DictionaryMerge merged = new DictionaryMerge(
                column.getPrimitiveType(), settings.properties().getDictionaryPageSizeThreshold());
        Encoding dictionaryPages = dictionaryPages(sources);
        PageJoin join = new PageJoin(column, chunk, settings.properties(), dictionaryPages, buffers);
        try {
            for (Source source : sources) {
                Page dictionary = source.pages().dictionary();
                Ids ids = dictionary == null ? null : ids(source, dictionary, merged);
                add(source, ids, healthy, join);
            }
            while (!ahead.isEmpty()) {
                takeNext(join);
            }
        } finally {
            // The other threads read the sources, which may be closed once this returns.
            ahead.stream().map(Step::work).filter(Objects::nonNull).forEach(Work::quietlyJoin);
        }
        join.flush();
        if (merged.count() == 0 && useDictionaries(sources)) {
            throw new NotByPageException("dictionary ids of nulls alone");
        }
        if (merged.count() > 0) {
            chunk.dictionary(
                    merged.bytes(),
                    merged.count(),
                    dictionaryPages == Encoding.PLAIN_DICTIONARY ? Encoding.PLAIN_DICTIONARY : Encoding.PLAIN);
        }
        chunk.finish();
        return new BuiltChunk(chunk, chunk.made(statistics(sources)), shares);
    }

    private Source source(RowGroupPart part) throws NotByPageException {
        if (!(part.origins().get(number) instanceof Origin.Stored stored)) {
            throw new NotByPageException("values that the file does not have");
        }
        StoredLeaf leaf = stored.leaf();
        ColumnChunkMetaData metadata = part.file().chunk(part.rowGroup(), leaf.column());
        if (leaf.conversion() != Conversion.NONE) {
            throw new NotByPageException("another type");
        }
        if (metadata.getCodec() != codecs.output()) {
            throw new NotByPageException("another codec");
        }
        Statistics<?> said = metadata.getStatistics();
        if (stored.fill() != null && (said == null || !said.isNumNullsSet() || said.getNumNulls() > 0)) {
            throw new NotByPageException("nulls to be filled");
        }
        if (!column.getPrimitiveType()
                .getPrimitiveTypeName()
                .equals(leaf.column().getPrimitiveType().getPrimitiveTypeName())) {
            throw new NotByPageException("another physical type");
        }
        ChunkPages pages = ChunkPages.read(part.file(), metadata, buffers.mostOfChunk());
        String doubt = pages.doubt(part.file().exactStatistics());
        if (doubt != null) {
            // Reading the values will show whether the file is damaged.
            throw new NotByPageException(doubt);
        }
        PageStatistics statistics = PageStatistics.of(
                part.file(), pages, column.getPrimitiveType(), column.getMaxRepetitionLevel(), part.rows());
        return new Source(part, leaf, pages, statistics);
    }

    private static boolean healthy(List<Source> sources) {
        long pages = 0;
        long values = 0;
        long bytes = 0;
        for (Source source : sources) {
            for (Page page : source.pages().pages()) {
                pages++;
                values += page.values();
                bytes += page.header().getUncompressed_page_size();
            }
        }
        return sources.size() == 1 || values >= pages * ENOUGH_ROWS || bytes >= pages * ENOUGH_BYTES;
    }

    private static Encoding dictionaryPages(List<Source> sources) {
        return sources.stream()
                .flatMap(source -> source.pages().pages().stream())
                .map(Page::encoding)
                .filter(Encoding::usesDictionary)
                .findFirst()
                .orElse(Encoding.PLAIN_DICTIONARY);
    }

    private static boolean useDictionaries(List<Source> sources) {
        return sources.stream()
                .flatMap(source -> source.pages().pages().stream())
                .anyMatch(page -> page.encoding().usesDictionary());
    }

    private Ids ids(Source source, Page dictionary, DictionaryMerge merged) throws NotByPageException {
        if (dictionary.encoding() != Encoding.PLAIN && dictionary.encoding() != Encoding.PLAIN_DICTIONARY) {
            throw new NotByPageException("a dictionary of encoding " + dictionary.encoding());
        }
        byte[] plain = source.pages().body(dictionary, codecs);
        try {
            int[] offsets = DictionaryMerge.offsets(column.getPrimitiveType(), plain, dictionary.values());
            return new Ids(plain, offsets, merged.add(plain, offsets));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw source.pages().broken("its dictionary cannot be decoded", e);
        }
    }

    private void add(Source source, @Nullable Ids ids, boolean healthy, PageJoin join) throws NotByPageException {
        PageDecoder decoder = new PageDecoder(source.pages(), source.leaf(), codecs, buffers);
        boolean levels = source.leaf().levels() == null;
        boolean same = ids == null || (ids.map() != null && DictionaryMerge.isIdentity(ids.map()));
        int row = 0;
        for (int i = 0; i < source.pages().pages().size(); i++) {
            Page page = source.pages().pages().get(i);
            int rows = source.statistics().rows()[i];
            int dropped = source.part().droppedIn(row, row + rows);
            Statistics<?> statistics = source.statistics().pages().get(i);
            boolean usesDictionary = page.encoding().usesDictionary();
            if (usesDictionary && ids == null) {
                throw source.pages().broken("dictionary ids without a dictionary");
            }
            if (dropped == rows && rows > 0) {
                count(Share.COALESCED, page.length());
                row += rows;
                continue;
            }
            Turn turn = new Turn(source, ids, page, row, rows, dropped, statistics);
            long room = buffers.ahead() - turn.bytes();
            while (ahead.size() >= AHEAD || (bytesAhead > room && !ahead.isEmpty())) {
                takeNext(join);
            }
            bytesAhead += turn.bytes();
            if (dropped == 0 && levels && healthy && (same || !usesDictionary)) {
                // A damaged page must not be copied into a file with others. With a checksum it was checked already.
                decoder.requireLevels(page, statistics.getNumNulls());
                boolean sure = page.header().isSetCrc()
                        && (page.isV2() || source.part().file().exactStatistics());
                ahead.add(new Step(turn, true, sure ? null : Work.forked(() -> looked(turn, decoder))));
                count(Share.COPIED, page.length());
            } else {
                ahead.add(new Step(turn, false, Work.forked(() -> decoded(turn, decoder))));
                count(usesDictionary && !same ? Share.REMAPPED : Share.COALESCED, page.length());
            }
            row += rows;
        }
        Page dictionary = source.pages().dictionary();
        if (dictionary != null) {
            count(same ? Share.COPIED : Share.REMAPPED, dictionary.length());
        }
    }

    private Decoded looked(Turn turn, PageDecoder decoder) {
        byte[] body = buffers.take(turn.page().header().getUncompressed_page_size());
        turn.source().pages().body(turn.page(), codecs, body);
        try {
            PageDecoder.Counts counts = decoder.count(turn.page(), body);
            return new Decoded(null, doubt(turn, counts.rows(), counts.nulls()));
        } catch (NotByPageException e) {
            return new Decoded(null, e);
        } finally {
            buffers.give(body);
        }
    }

    /**
     * Why a page with these numbers of rows and nulls cannot be trusted; null if its file has the same numbers.
     *
     * @throws BrokenPageException if its writer is known to count correctly: then the page or its counts are damaged
     */
    private static @Nullable NotByPageException doubt(Turn turn, int rows, long nulls) {
        long said = turn.statistics().getNumNulls();
        if (rows == turn.rows() && nulls == said) {
            return null;
        }
        String what = rows == turn.rows()
                ? nulls + " nulls in a page that should have " + said
                : rows + " rows in a page that should have " + turn.rows();
        if (rows != turn.rows() || turn.source().part().file().exactStatistics()) {
            throw turn.source().pages().broken(what);
        }
        return new NotByPageException(what);
    }

    private Decoded decoded(Turn turn, PageDecoder decoder) {
        Source source = turn.source();
        DecodedPage decoded;
        try {
            decoded = decoder.decode(
                    turn.page(), turn.ids() == null ? 0 : turn.ids().size());
        } catch (NotByPageException e) {
            return new Decoded(null, e);
        }
        NotByPageException doubt = doubt(turn, decoded.rows(), decoded.entries() - decoded.present());
        if (doubt != null) {
            return new Decoded(null, doubt);
        }
        return new Decoded(
                turn.dropped() == 0
                        ? decoded
                        : decoder.filter(decoded, source.part(), turn.first(), column.getMaxDefinitionLevel()),
                null);
    }

    /** Adds the next page. */
    private void takeNext(PageJoin join) throws NotByPageException {
        Step step = ahead.remove();
        bytesAhead -= step.turn().bytes();
        Decoded decoded = step.work() == null ? null : step.work().await();
        if (decoded != null && decoded.not() != null) {
            throw decoded.not();
        }
        if (step.copied()) {
            join.flush();
            copy(step.turn());
        } else if (decoded != null && decoded.page() != null) {
            join(decoded.page(), step.turn(), join);
        }
    }

    private void copy(Turn turn) {
        Page page = turn.page();
        chunk.copy(
                turn.source().pages().verbatim(page),
                (long) page.body() - page.start() + page.header().getUncompressed_page_size(),
                new PageInfo(page.values(), turn.rows(), turn.statistics(), page.encoding(), page.isV2()));
        chunk.summary().count(page.values(), turn.statistics().getNumNulls());
    }

    private void join(DecodedPage page, Turn turn, PageJoin join) throws NotByPageException {
        if (settings.properties().getWriterVersion() != WriterVersion.PARQUET_1_0) {
            throw new NotByPageException("pages of the second version are wanted");
        }
        int nulls = page.entries() - page.present();
        chunk.summary().count(page.entries(), nulls);
        Statistics<?> now = page.present() == 0
                ? PageStatistics.statistics(column.getPrimitiveType(), nulls, null, null)
                : turn.statistics().copy();
        now.setNumNulls(nulls);
        Ids ids = turn.ids();
        if (page.ids() == null) {
            join.add(page, null, now);
            buffers.give(page.plain());
        } else if (ids == null) {
            throw new IllegalStateException("ids without a dictionary");
        } else if (ids.map() != null) {
            join.add(page, ids.map(), now);
        } else {
            DecodedPage plain = spelledOut(page, ids, page.ids());
            join.add(plain, null, now);
            buffers.give(plain.plain());
        }
    }

    /** The page with plain values in place of their ids. */
    private DecodedPage spelledOut(DecodedPage page, Ids ids, int[] each) {
        long length = 0;
        for (int i = 0; i < page.present(); i++) {
            length += ids.offsets()[each[i] + 1] - ids.offsets()[each[i]];
        }
        byte[] plain = buffers.take(Math.toIntExact(length));
        int at = 0;
        for (int i = 0; i < page.present(); i++) {
            int from = ids.offsets()[each[i]];
            int size = ids.offsets()[each[i] + 1] - from;
            System.arraycopy(ids.plain(), from, plain, at, size);
            at += size;
        }
        return new DecodedPage(
                page.entries(), page.rows(), page.repetition(), page.definition(), page.present(), null, plain, 0, at);
    }

    /** Statistics of the whole chunk, with bounds only if all sources have exact ones; after deletes they are wider. */
    private Statistics<?> statistics(List<Source> sources) {
        LeafSummary summary = chunk.summary();
        Statistics<?> total = null;
        boolean bounded = true;
        for (Source source : sources) {
            Statistics<?> said = source.statistics().chunk();
            total = total == null ? said.copy() : total;
            total.mergeStatistics(said);
            boolean values = said.getNumNulls() < source.pages().chunk().getValueCount();
            if (values && !said.hasNonNullValue()) {
                bounded = false;
                // Bounds too long for a footer: those of pages are truncated, but good enough for a manifest.
                source.statistics().pages().forEach(summary::bounds);
            } else {
                summary.bounds(said);
            }
        }
        boolean none = summary.nulls() == summary.values();
        if (!bounded && !none) {
            summary.footerWillSayLess();
        }
        if (total == null || none || !bounded) {
            return PageStatistics.statistics(column.getPrimitiveType(), summary.nulls(), null, null);
        }
        total.setNumNulls(summary.nulls());
        return total;
    }

    private void count(Share share, long bytes) {
        shares.merge(share, bytes, Long::sum);
    }
}
