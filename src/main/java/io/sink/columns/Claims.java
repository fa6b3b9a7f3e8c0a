package io.sink.columns;

import io.sink.columns.ChunkWalk.Page;
import io.sink.columns.Entries.RawPage;
import io.sink.pages.BrokenPageException;
import io.sink.pages.Codecs;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a footer, a column index and a Bloom filter claim of a chunk with what its entries are: nulls, least
 * and largest value of the chunk and of each page, and which values there may be. Bounds may be as wide as those of the
 * sources, and not narrower than the values.
 */
final class Claims {
    private final ColumnDescriptor column;
    private final ChunkWalk walk;
    private final @Nullable ColumnIndex index;
    private final @Nullable BloomFilter bloom;
    private final Comparator<Object> order;
    private final FoundValues found;

    private final SourceBounds limits;
    private boolean copied;
    private boolean pagesKnown = true;
    private long nulls;
    private boolean nullsKnown = true;

    /** The page that the next entry is of, how many of its entries are left, and what they are. */
    private int page;

    private int left;
    private long nullsOfPage;
    private final FirstRows firstRows;

    /**
     * @param walk the pages of the chunk
     * @param index what the column index says of them; null if there is none
     * @param bloom must have every value; null if there is none
     */
    Claims(ColumnDescriptor column, ChunkWalk walk, @Nullable ColumnIndex index, @Nullable BloomFilter bloom) {
        this(column, walk, index, bloom, new SourceBounds(column.getPrimitiveType(), order(column.getPrimitiveType())));
    }

    private Claims(
            ColumnDescriptor column,
            ChunkWalk walk,
            @Nullable ColumnIndex index,
            @Nullable BloomFilter bloom,
            SourceBounds limits) {
        this.column = column;
        this.walk = walk;
        this.index = index;
        this.bloom = bloom;
        this.order = order(column.getPrimitiveType());
        this.found = new FoundValues(column.getPrimitiveType(), bloom, walk.where());
        this.firstRows = new FirstRows(walk.pages().size());
        this.limits = limits;
        if (index != null && index.getNullPages().size() != walk.pages().size()) {
            throw new DifferentEntriesException("the column index of " + walk.where() + " has "
                    + index.getNullPages().size() + " pages, and the chunk "
                    + walk.pages().size());
        }
        begin(0);
    }

    /**
     * Requires that a chunk of a source is what its own footer, index and headers say.
     *
     * @throws BrokenPageException naming the file, if it is not
     */
    static void requireOwn(StoredColumn source, Codecs codecs) {
        StoredColumn whole = source.asStored();
        ChunkWalk walk = ChunkWalk.of(whole, codecs);
        try {
            Claims claims = new Claims(whole.column(), walk, whole.index().get(), null);
            Entries entries = Entries.of(whole, walk, whole.column());
            for (Block block = entries.next(); block != null; block = entries.next()) {
                claims.add(block);
            }
            claims.require();
        } catch (DifferentEntriesException e) {
            throw new BrokenPageException("what the file says of its values is not so: " + e.getMessage(), e);
        }
    }

    /** Requires what readers need that is not about values: the order of bounds, and the encodings that are named. */
    Claims requireForm() {
        if (index != null) {
            requireOrder(index);
        }
        requireEncodings();
        return this;
    }

    /** Readers find pages by halving if bounds are said to be in order, and leave pages out by their encodings. */
    private void requireOrder(ColumnIndex of) {
        int sign = switch (of.getBoundaryOrder()) {
            case ASCENDING -> 1;
            case DESCENDING -> -1;
            case UNORDERED -> 0;
        };
        Statistics<?> before = null;
        for (int i = 0; sign != 0 && i < of.getNullPages().size(); i++) {
            if (!of.getNullPages().get(i)) {
                Statistics<?> now =
                        bounds(of.getMinValues().get(i), of.getMaxValues().get(i));
                boolean ordered = before == null
                        || sign * order.compare(before.genericGetMin(), now.genericGetMin()) <= 0
                                && sign * order.compare(before.genericGetMax(), now.genericGetMax()) <= 0;
                if (!ordered) {
                    throw new DifferentEntriesException("the bounds of pages of " + walk.where()
                            + " are not in the order that its column index says");
                }
                before = now;
            }
        }
    }

    private void requireEncodings() {
        Set<Encoding> used = new HashSet<>();
        walk.pages().forEach(one -> used.add(one.encoding()));
        EncodingStats stats = walk.chunk().getEncodingStats();
        boolean same = stats == null || new HashSet<>(stats.getDataEncodings()).equals(used);
        if (!same || !walk.chunk().getEncodings().containsAll(used)) {
            throw new DifferentEntriesException("the pages of " + walk.where() + " have the encodings " + used
                    + ", and its footer says " + walk.chunk().getEncodings() + " and " + stats);
        }
    }

    private void begin(int number) {
        page = number;
        left = 0;
        if (number < walk.pages().size()) {
            left = walk.pages().get(number).entries();
            firstRows.begin(number);
        }
    }

    /** Whether pages must be decoded, however they came to be. */
    boolean needsValues() {
        return bloom != null;
    }

    /** Adds entries that were decoded. */
    void add(Block block) {
        nulls += block.entries() - block.present();
        int at = block.values().from();
        int entry = 0;
        int value = 0;
        while (entry < block.entries()) {
            skipEmptyPages();
            int count = Math.min(left, block.entries() - entry);
            int present = count == block.entries() ? block.present() : present(block, entry, count);
            int behind = block.values().ids() != null
                    ? at
                    : count == block.entries()
                            ? block.values().until()
                            : Values.behind(
                                    block.values().plain(),
                                    at,
                                    block.values().until(),
                                    present,
                                    column.getPrimitiveType());
            found.add(block.values(), value, present, at, behind);
            nullsOfPage += count - present;
            addRows(block.repetition(), entry, count);
            at = behind;
            value += present;
            entry += count;
            left -= count;
            if (left == 0) {
                endPage();
            }
        }
    }

    private void addRows(int @Nullable [] repetition, int from, int count) {
        if (repetition == null) {
            firstRows.add(count);
        } else {
            firstRows.add(
                    repetition, from, count, left == walk.pages().get(page).entries());
        }
    }

    private void skipEmptyPages() {
        while (left == 0) {
            if (page >= walk.pages().size()) {
                throw new DifferentEntriesException("more entries than pages have in " + walk.where());
            }
            endPage();
        }
    }

    private int present(Block block, int from, int count) {
        int[] definition = block.definition();
        int full = column.getMaxDefinitionLevel();
        if (definition == null) {
            return count;
        }
        int present = 0;
        for (int i = from, end = from + count; i < end; i++) {
            present += definition[i] == full ? 1 : 0;
        }
        return present;
    }

    /** Compares what the column index says of the page that was decoded, and begins the next one. */
    private void endPage() {
        Page ended = walk.pages().get(page);
        if (index != null && ended.entries() > 0) {
            requirePage(index);
        }
        if (ended.second()) {
            requireHeader(ended.header().getData_page_header_v2());
        }
        found.endPage();
        nullsOfPage = 0;
        begin(page + 1);
    }

    private void requireHeader(DataPageHeaderV2 said) {
        // Parquet's writer says -1 where the statistics of the column are off.
        boolean counted = said.getNum_nulls() == -1 || said.getNum_nulls() == nullsOfPage;
        if (!counted || firstRows.differs(said.getNum_rows())) {
            throw new DifferentClaimsException(
                    "page %d of %s has other numbers of rows or nulls than its header: %d and %d"
                            .formatted(page, walk.where(), said.getNum_rows(), said.getNum_nulls()));
        }
    }

    private void requirePage(ColumnIndex of) {
        Statistics<?> ofPage = found.ofPage();
        boolean none = nullsOfPage == walk.pages().get(page).entries();
        boolean counted = of.getNullCounts() == null || of.getNullCounts().get(page) == nullsOfPage;
        boolean within = !ofPage.hasNonNullValue()
                || column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT96
                || holds(of, ofPage.genericGetMin(), ofPage.genericGetMax());
        if (of.getNullPages().get(page) != none || !counted || !within) {
            throw new DifferentClaimsException(
                    "page %d of %s has %d nulls and values from %s to %s, and its column index"
                                    .formatted(
                                            page, walk.where(), nullsOfPage, ofPage.minAsString(), ofPage.maxAsString())
                            + " says something else");
        }
    }

    /** Whether the bounds of the page are not narrower than these. */
    private boolean holds(ColumnIndex of, Object low, Object high) {
        Statistics<?> said =
                bounds(of.getMinValues().get(page), of.getMaxValues().get(page));
        return said.hasNonNullValue()
                && order.compare(said.genericGetMin(), low) <= 0
                && order.compare(said.genericGetMax(), high) >= 0;
    }

    /** Whether there are bounds that readers believe: where a value is NaN, they do not. */
    static boolean bounded(Statistics<?> said) {
        return said.hasNonNullValue() && !isNan(said.genericGetMin()) && !isNan(said.genericGetMax());
    }

    private static boolean isNan(Object value) {
        return value instanceof Float real && real.isNaN() || value instanceof Double precise && precise.isNaN();
    }

    private Statistics<?> bounds(ByteBuffer min, ByteBuffer max) {
        return bounds(column.getPrimitiveType(), bytes(min), bytes(max));
    }

    /** Bounds of no nulls. */
    static Statistics<?> bounds(PrimitiveType type, byte[] min, byte[] max) {
        return Statistics.getBuilderForReading(type)
                .withMin(min)
                .withMax(max)
                .withNumNulls(0)
                .build();
    }

    private static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.duplicate().get(bytes);
        return bytes;
    }

    /** Adds a page of the chunk that has the bytes of a page of a source. */
    void copied(RawPage from, RawPage to) {
        while (page < to.number()) {
            endPage();
        }
        Page of = to.page();
        // A column that has lists is never copied.
        firstRows.add(of.entries());
        copied = true;
        ColumnIndex source = from.stored().index().get();
        if (source != null && source.getNullPages().size() <= from.number()) {
            source = null;
        }
        long counted = nulls(from, of, source);
        if (counted < 0) {
            nullsKnown = false;
        } else {
            nulls += counted;
        }
        if (index != null && of.entries() > 0) {
            pagesKnown &= requireCopied(index, from, of, source, counted);
        }
        begin(page + 1);
    }

    /** The nulls of a page as its source counts them; -1 if it does not. */
    private long nulls(RawPage from, Page of, @Nullable ColumnIndex source) {
        if (column.getMaxDefinitionLevel() == 0) {
            return 0;
        }
        if (source != null && source.getNullCounts() != null) {
            return source.getNullCounts().get(from.number());
        }
        ColumnChunkMetaData chunk = from.stored().chunk();
        Statistics<?> said = chunk.getStatistics();
        if (of.second()) {
            return of.header().getData_page_header_v2().getNum_nulls();
        }
        if (said == null || !said.isNumNullsSet()) {
            return -1;
        }
        return said.getNumNulls() == 0 || of.entries() == chunk.getValueCount() ? said.getNumNulls() : -1;
    }

    /** Whether the source says the same of a copied page as the column index. */
    private boolean requireCopied(ColumnIndex of, RawPage from, Page copy, @Nullable ColumnIndex source, long counted) {
        int there = from.number();
        boolean none = source == null
                ? counted == copy.entries()
                : source.getNullPages().get(there);
        boolean nulls = counted >= 0
                && of.getNullPages().get(page) == none
                && (of.getNullCounts() == null || of.getNullCounts().get(page) == counted);
        if (!nulls || none) {
            return nulls;
        }
        Statistics<?> said = source == null
                ? from.stored().chunk().getStatistics()
                : bounds(source.getMinValues().get(there), source.getMaxValues().get(there));
        return said != null && bounded(said) && holds(of, said.genericGetMin(), said.genericGetMax());
    }

    /** Adds what the footer of a source says of its values. */
    void source(@Nullable StoredColumn stored) {
        limits.add(stored);
    }

    /**
     * Compares the footer's claims.
     *
     * @return false if the values of pages that were copied have to be looked at: bounds are others than those of the
     *     sources, or the sources do not say enough
     * @throws DifferentEntriesException if the footer or the column index claims something else
     */
    boolean require() {
        while (page < walk.pages().size() && left == 0) {
            endPage();
        }
        ColumnChunkMetaData chunk = walk.chunk();
        Statistics<?> said = chunk.getStatistics();
        if (said == null || said.isEmpty()) {
            return pagesKnown && !copied;
        }
        if (nullsKnown && said.isNumNullsSet() && said.getNumNulls() != nulls) {
            throw new DifferentClaimsException(
                    walk.where() + " has " + nulls + " nulls, and its footer counts " + said.getNumNulls());
        }
        if (!bounded(said) || column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
            // A manifest may have bounds where the footer has none.
            return pagesKnown && nullsKnown && (!copied || nulls == chunk.getValueCount());
        }
        if (copied) {
            return pagesKnown && nullsKnown && limits.are(said);
        }
        require(said);
        return true;
    }

    /** The bounds of the values, without NaN; null if pages were copied that nobody decoded. */
    @Nullable
    Statistics<?> found() {
        return copied ? null : found.all();
    }

    /** How many values are NaN; -1 if pages were copied that nobody decoded. */
    long nans() {
        return copied ? -1 : found.nans();
    }

    /** The number of the first row of each page; -1 for one that begins within a row. */
    long[] firstRows() {
        return firstRows.all();
    }

    /** Begins anew, with all pages to be decoded. */
    Claims again() {
        return new Claims(column, walk, index, bloom, limits);
    }

    private void require(Statistics<?> said) {
        Statistics<?> values = found.all();
        if (!values.hasNonNullValue()) {
            throw new DifferentClaimsException(walk.where() + " has no values, and its footer has bounds of them");
        }
        int low = order.compare(said.genericGetMin(), values.genericGetMin());
        int high = order.compare(said.genericGetMax(), values.genericGetMax());
        boolean narrow = low > 0 || high < 0;
        boolean wide = low < 0 && limits.beginAfter(said.genericGetMin())
                || high > 0 && limits.endBefore(said.genericGetMax());
        if (narrow || wide) {
            throw new DifferentClaimsException("%s has values from %s to %s, and its footer says %s to %s"
                    .formatted(
                            walk.where(),
                            values.minAsString(),
                            values.maxAsString(),
                            said.minAsString(),
                            said.maxAsString()));
        }
    }

    /** The order of values, in which both zeros are the same: statistics may have either. */
    @SuppressWarnings("unchecked")
    private static Comparator<Object> order(PrimitiveType type) {
        Comparator<Object> order = (Comparator<Object>) (Comparator<?>) type.comparator();
        return (one, other) -> isZero(one) && isZero(other) ? 0 : order.compare(one, other);
    }

    static boolean isZero(Object value) {
        return value instanceof Float real && real == 0 || value instanceof Double precise && precise == 0;
    }
}
