package io.sink.pages;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.SemanticVersion;
import org.apache.parquet.SemanticVersion.SemanticVersionParseException;
import org.apache.parquet.VersionParser;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.VersionParser.VersionParseException;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/** One Parquet file to merge: its bytes, its footer, and its page indexes. Safe for use by several threads. */
public final class SourceFile {
    private static final SemanticVersion EXACT_SINCE = new SemanticVersion(1, 10, 0);
    private static final int MAX_INDEX_BYTES = 8 << 20;

    private final FileBytes bytes;
    private final List<BlockMetaData> rowGroups;
    private final @Nullable ParsedVersion writer;
    private final boolean parquetJava;
    private final Map<Integer, Map<ColumnPath, ColumnChunkMetaData>> chunks = new HashMap<>();
    private byte @Nullable [] indexes;
    private long indexesAt;

    /** @param footer the footer of this file */
    public SourceFile(FileBytes bytes, ParquetMetadata footer) {
        this.bytes = bytes;
        this.rowGroups = footer.getBlocks();
        this.writer = version(footer.getFileMetaData().getCreatedBy());
        this.parquetJava = parquetJava(writer);
    }

    /**
     * Why files of this writer may not be merged by their pages; null if they may.
     *
     * @param createdBy the writer as the footer names it; null if it names none
     */
    public static @Nullable String obstacle(@Nullable String createdBy) {
        ParsedVersion version = version(createdBy);
        if (version == null) {
            return null;
        }
        boolean early = "parquet-mr".equals(version.application) && !parquetJava(version);
        boolean lost = "parquet-cpp".equals(version.application) && before(version, new SemanticVersion(1, 3, 0));
        // Readers work around faults of these writers by their name, which the output does not keep.
        return early || lost || "impala".equals(version.application) ? "written by " + createdBy : null;
    }

    FileBytes bytes() {
        return bytes;
    }

    /** The program that wrote the file; null if the footer does not name it, or it cannot be parsed. */
    @Nullable
    ParsedVersion writer() {
        return writer;
    }

    /**
     * Whether chunk statistics are those of Parquet for Java: minimum and maximum are never truncated and are missing
     * if there is a NaN, and nulls are counted for each leaf.
     */
    boolean exactStatistics() {
        return parquetJava;
    }

    /** The number of rows in a row group. */
    public long rows(int rowGroup) {
        return rowGroups.get(rowGroup).getRowCount();
    }

    /** The number of row groups in the file. */
    public int rowGroups() {
        return rowGroups.size();
    }

    /** Compressed bytes of all columns of a row group. */
    public long compressedBytes(int rowGroup) {
        return rowGroups.get(rowGroup).getColumns().stream()
                .mapToLong(ColumnChunkMetaData::getTotalSize)
                .sum();
    }

    /** The number of column chunks in a row group. */
    public int columns(int rowGroup) {
        return rowGroups.get(rowGroup).getColumns().size();
    }

    synchronized ColumnChunkMetaData chunk(int rowGroup, ColumnDescriptor column) {
        Map<ColumnPath, ColumnChunkMetaData> ofGroup = chunks.computeIfAbsent(rowGroup, any -> {
            Map<ColumnPath, ColumnChunkMetaData> byPath = new HashMap<>();
            rowGroups.get(rowGroup).getColumns().forEach(chunk -> byPath.put(chunk.getPath(), chunk));
            return byPath;
        });
        ColumnChunkMetaData chunk = ofGroup.get(ColumnPath.get(column.getPath()));
        if (chunk == null) {
            throw new BrokenPageException("No chunk of column " + String.join(".", column.getPath()) + " in row group "
                    + rowGroup + " of " + bytes.name());
        }
        return chunk;
    }

    /** The chunk's column index; null if there is none, or it cannot be read. */
    public @Nullable ColumnIndex columnIndex(ColumnChunkMetaData chunk) {
        byte[] encoded = index(chunk.getColumnIndexReference());
        if (encoded == null) {
            return null;
        }
        try {
            return ParquetMetadataConverter.fromParquetColumnIndex(
                    chunk.getPrimitiveType(), Util.readColumnIndex(new ByteArrayInputStream(encoded)));
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /** The chunk's Bloom filter; null if there is none, its length is not known, or it cannot be read. */
    public @Nullable BloomFilter bloomFilter(ColumnChunkMetaData chunk) {
        if (chunk.getBloomFilterOffset() <= 0 || chunk.getBloomFilterLength() <= 0) {
            return null;
        }
        ByteBuffer read = bytes.read(chunk.getBloomFilterOffset(), chunk.getBloomFilterLength());
        ByteArrayInputStream in =
                new ByteArrayInputStream(read.array(), read.arrayOffset() + read.position(), read.remaining());
        try {
            Util.readBloomFilterHeader(in);
        } catch (IOException | RuntimeException e) {
            return null;
        }
        return new BlockSplitBloomFilter(in.readAllBytes());
    }

    /** The chunk's offset index; null if there is none, or it cannot be read. */
    @Nullable
    OffsetIndex offsetIndex(ColumnChunkMetaData chunk) {
        byte[] encoded = index(chunk.getOffsetIndexReference());
        if (encoded == null) {
            return null;
        }
        try {
            return ParquetMetadataConverter.fromParquetOffsetIndex(
                    Util.readOffsetIndex(new ByteArrayInputStream(encoded)));
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /** Indexes are usually adjacent in a file and are read at once: one request a file instead of two a chunk. */
    private synchronized byte @Nullable [] index(@Nullable IndexReference where) {
        if (where == null) {
            return null;
        }
        long from = where.getOffset();
        long until = from + where.getLength();
        if (where.getLength() < 0 || from < 0 || until > bytes.length()) {
            return null;
        }
        byte[] all = indexes == null ? readIndexes() : indexes;
        if (from >= indexesAt && until <= indexesAt + all.length) {
            int start = (int) (from - indexesAt);
            return java.util.Arrays.copyOfRange(all, start, start + where.getLength());
        }
        return copy(from, where.getLength());
    }

    private byte[] copy(long from, int length) {
        byte[] copy = new byte[length];
        bytes.read(from, length).get(copy);
        return copy;
    }

    private byte[] readIndexes() {
        long from = Long.MAX_VALUE;
        long until = 0;
        for (BlockMetaData rowGroup : rowGroups) {
            for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
                for (IndexReference where :
                        new IndexReference[] {chunk.getColumnIndexReference(), chunk.getOffsetIndexReference()}) {
                    if (where != null) {
                        from = Math.min(from, where.getOffset());
                        until = Math.max(until, where.getOffset() + where.getLength());
                    }
                }
            }
        }
        boolean together = from >= 0 && until <= bytes.length() && until - from <= MAX_INDEX_BYTES && until > from;
        byte[] read = together ? copy(from, (int) (until - from)) : new byte[0];
        indexesAt = from;
        indexes = read;
        return read;
    }

    private static boolean parquetJava(@Nullable ParsedVersion version) {
        return version != null && "parquet-mr".equals(version.application) && !before(version, EXACT_SINCE);
    }

    private static boolean before(ParsedVersion version, SemanticVersion limit) {
        try {
            return !version.hasSemanticVersion()
                    || SemanticVersion.parse(version.version).compareTo(limit) < 0;
        } catch (SemanticVersionParseException e) {
            return true;
        }
    }

    private static @Nullable ParsedVersion version(@Nullable String createdBy) {
        try {
            return createdBy == null ? null : VersionParser.parse(createdBy);
        } catch (VersionParseException | RuntimeException e) {
            return null;
        }
    }
}
