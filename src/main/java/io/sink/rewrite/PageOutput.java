package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.pages.BrokenPageException;
import io.sink.pages.Buffers;
import io.sink.pages.MergedFile;
import io.sink.pages.RowGroupPart;
import io.sink.pages.Share;
import io.sink.pages.SourceFile;
import io.sink.pages.WriteSettings;
import io.sink.rows.RowFiles;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Gathers row groups of inputs into row groups of outputs, and those into files of about the target size.
 *
 * <p>Sizes are decided before a byte is written, from the compressed sizes of the inputs and from what those before
 * them came to.
 */
final class PageOutput implements Closeable {
    /** Memory for what is known of a column chunk that waits to be merged. */
    private static final long BYTES_PER_CHUNK = 2048;

    /** Times the target at which a file is closed whatever was expected of its rows. */
    private static final double CUT_AT = 1.6;

    private final Table table;
    private final FileGroup group;
    private final PartitionSpec spec;
    private final OutputFileFactory locations;
    private final Staging staging;
    private final StopSignal stop;
    private final Buffers buffers;
    private final Schema rows;
    private final MessageType schema;
    private final WriteSettings settings;
    private final long rowGroupSize;
    private final long maxChunks = Math.max(64, Runtime.getRuntime().maxMemory() / 8 / BYTES_PER_CHUNK);
    private final List<SourceBytes> open = new ArrayList<>();
    private final List<RowGroupPart> pending = new ArrayList<>();
    private final List<DataFile> files = new ArrayList<>();
    private final Map<Integer, Long> nulls = new HashMap<>();
    private final Map<Share, Long> shares = new EnumMap<>(Share.class);

    private long pendingBytes;
    private long pendingRows;
    private long pendingChunks;
    private long rowsRead;
    private long rowsDropped;
    private long bytesIn;
    private long bytesOut;
    private long rowsClosed;
    private long bytesClosed;

    private @Nullable MergedFile file;
    private @Nullable String location;
    private long rowsOpen;
    private long rowsWanted;

    PageOutput(
            Table table,
            FileGroup group,
            PartitionSpec spec,
            OutputFileFactory locations,
            Staging staging,
            StopSignal stop,
            Footers footers,
            Buffers buffers) {
        this.table = table;
        this.group = group;
        this.spec = spec;
        this.locations = locations;
        this.staging = staging;
        this.stop = stop;
        this.buffers = buffers;
        this.rows = RowFiles.schema(table);
        this.schema = PageFacts.outputSchema(rows);
        PageSettings chosen = PageSettings.of(table, group, rows, schema, footers);
        this.settings = chosen.settings();
        this.rowGroupSize = chosen.rowGroupSize();
        schema.getColumns()
                .forEach(column -> nulls.put(column.getPrimitiveType().getId().intValue(), 0L));
    }

    /** Keeps the bytes open until they are no longer needed. */
    SourceBytes reading(SourceBytes bytes) {
        open.add(bytes);
        return bytes;
    }

    /** Adds all row groups of an input, the next in the order of rows. */
    void add(DataFile data, ParquetMetadata footer, SourceFile source, @Nullable BitSet dropped) {
        long firstRow = 0;
        Origins origins = Origins.of(table, data, PageFacts.fileSchema(table, footer), rows, schema);
        if (origins.obstacle() != null && source.rowGroups() > 0) {
            throw new IllegalStateException(
                    data.location() + " was planned to be merged by its pages, but " + origins.obstacle());
        }
        for (int number = 0; number < source.rowGroups(); number++) {
            if (source.rows(number) <= 0 || firstRow + source.rows(number) > data.recordCount()) {
                throw new BrokenPageException("Row group " + number + " of " + data.location() + " has "
                        + source.rows(number) + " rows, where the manifest has " + data.recordCount() + " in all");
            }
            RowGroupPart part = new RowGroupPart(source, number, firstRow, origins.columns(), dropped);
            int live = part.liveRows();
            firstRow += part.rows();
            rowsRead += part.rows();
            rowsDropped += part.rows() - live;
            if (live > 0) {
                add(part, live);
            }
        }
        if (firstRow != data.recordCount()) {
            throw new BrokenPageException(
                    firstRow + " rows in " + data.location() + ", and " + data.recordCount() + " in the manifest");
        }
        if (pending.isEmpty()) {
            closeSources();
        }
    }

    private void add(RowGroupPart part, int live) {
        long bytes = part.file().compressedBytes(part.rowGroup());
        if (rowsOpen + pendingRows > 0 && rowsOpen + pendingRows + live / 2 > rowsWanted) {
            writeRowGroup();
            closeFile();
        } else if (!pending.isEmpty()
                && ((pendingBytes + bytes / 2) * growth() > rowGroupSize
                        || pendingChunks + part.file().columns(part.rowGroup()) > maxChunks)) {
            writeRowGroup();
            if (file != null && file.length() > CUT_AT * group.targetFileSizeBytes()) {
                closeFile();
            }
        }
        if (rowsOpen + pendingRows == 0) {
            rowsWanted = OutputSize.rowsOfNextFile(
                    Math.max(1, group.records() - rowsRead + part.rows()), bytesPerRow(), group.targetFileSizeBytes());
        }
        pending.add(part);
        pendingBytes += bytes;
        pendingRows += live;
        pendingChunks += part.file().columns(part.rowGroup());
    }

    /** Bytes written for each byte of a source so far. */
    private double growth() {
        return bytesIn == 0 ? 1 : (double) bytesOut / bytesIn;
    }

    private double bytesPerRow() {
        return rowsClosed > 0
                ? (double) bytesClosed / rowsClosed
                : (double) group.dataBytes() / Math.max(1, group.records());
    }

    private void writeRowGroup() {
        if (pending.isEmpty()) {
            return;
        }
        MergedFile to = file == null ? openFile() : file;
        long before = to.length();
        to.rowGroup(pending, stop::check);
        bytesOut += to.length() - before;
        bytesIn += pendingBytes;
        rowsOpen += pendingRows;
        pending.clear();
        pendingBytes = 0;
        pendingRows = 0;
        pendingChunks = 0;
        closeSources();
    }

    /** Closes all sources but the newest: the input that is being added may have more row groups. */
    private void closeSources() {
        SourceBytes newest = open.isEmpty() ? null : open.get(open.size() - 1);
        open.forEach(bytes -> {
            if (bytes != newest) {
                bytes.close();
            }
        });
        open.clear();
        if (newest != null) {
            open.add(newest);
        }
    }

    private MergedFile openFile() {
        StructLike partition = group.inputs().get(0).data().partition();
        OutputFile output = (spec.isPartitioned()
                        ? locations.newOutputFile(spec, partition)
                        : locations.newOutputFile())
                .encryptingOutputFile();
        staging.announce(output.location());
        MergedFile opened = new MergedFile(new ParquetOutput(output), schema, settings, buffers);
        file = opened;
        location = output.location();
        rowsOpen = 0;
        return opened;
    }

    private void closeFile() {
        MergedFile full = file;
        if (full == null || location == null) {
            return;
        }
        ParquetMetadata footer = full.end(Map.of("iceberg.schema", SchemaParser.toJson(rows)));
        file = null;
        long length = full.length();
        for (int i = 0; i < schema.getColumns().size(); i++) {
            int id = schema.getColumns().get(i).getPrimitiveType().getId().intValue();
            nulls.merge(id, full.leaves().get(i).nulls(), Long::sum);
        }
        full.shares().forEach((share, bytes) -> shares.merge(share, bytes, Long::sum));
        Metrics metrics = ParquetUtil.footerMetrics(
                footer,
                full.leaves().stream().flatMap(leaf -> LeafMetrics.of(leaf).stream()),
                MetricsConfig.forTable(table));
        DataFiles.Builder builder = DataFiles.builder(spec)
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(length)
                .withMetrics(metrics)
                .withSplitOffsets(ParquetUtil.getSplitOffsets(footer));
        if (spec.isPartitioned()) {
            builder.withPartition(group.inputs().get(0).data().partition());
        }
        files.add(builder.build());
        bytesClosed += length;
        rowsClosed += rowsOpen;
        rowsOpen = 0;
    }

    /** Writes what is pending, closes the last file and gives the result. */
    RewriteResult finish() {
        writeRowGroup();
        closeFile();
        return new RewriteResult(files, rowsRead, rowsDropped, nulls, shares);
    }

    /** Lets go of what is open; a file that was not finished stays, announced, for its owner to delete. */
    @Override
    public void close() {
        open.forEach(SourceBytes::close);
        if (file != null) {
            file.close();
        }
    }
}
