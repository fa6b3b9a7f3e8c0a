package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.pages.BrokenPageException;
import io.sink.pages.Buffers;
import io.sink.pages.ChunkCheck;
import io.sink.pages.MergedFile;
import io.sink.pages.RowGroupPart;
import io.sink.pages.SourceFile;
import io.sink.pages.WriteSettings;
import io.sink.rows.GroupInput;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;

/** Merges row groups of inputs into row groups of outputs, and collects those in files of about the target size. */
final class PageOutput implements Closeable {
    private final Table table;
    private final FileGroup group;
    private final PartitionSpec spec;
    private final OutputFileFactory locations;
    private final Staging staging;
    private final StopSignal stop;
    private final Buffers buffers;
    private final FileSchemas schemas;
    private final WriteSettings settings;
    private final OutputSizing sizing;
    private final PageTally tally;
    private final @Nullable ColumnProof proof;
    private final List<SourceBytes> sources = new ArrayList<>();
    private @Nullable Open open;

    /** The file that is being written. */
    private record Open(MergedFile file, String location) {}

    PageOutput(
            Attempt attempt,
            FileGroup group,
            PartitionSpec spec,
            OutputFileFactory locations,
            Staging staging,
            StopSignal stop,
            Buffers buffers) {
        this.table = attempt.table();
        this.group = group;
        this.spec = spec;
        this.locations = locations;
        this.staging = staging;
        this.stop = stop;
        this.buffers = buffers;
        this.schemas = new FileSchemas(table);
        PageSettings chosen = PageSettings.of(attempt, group, schemas.rows(), schemas.output());
        this.settings = chosen.settings();
        this.sizing = new OutputSizing(group, chosen.rowGroupSize(), attempt.memory());
        this.tally = new PageTally(schemas.output());
        this.proof = attempt.level() != ProofLevel.COUNTS ? new ColumnProof(table, schemas, stop) : null;
    }

    /** Takes over the bytes, and closes them when they are no longer needed. */
    SourceBytes reading(SourceBytes bytes) {
        sources.add(bytes);
        return bytes;
    }

    /**
     * Adds all row groups of the next input.
     *
     * @param dropped positions of deleted rows in the file; null if there are none
     * @throws BrokenPageException if the file has other rows than its manifest says
     */
    void add(GroupInput input, SourceBytes bytes, @Nullable BitSet dropped) {
        DataFile data = input.data();
        ParquetMetadata footer = bytes.footer();
        SourceFile source = new SourceFile(bytes, footer);
        if (proof != null) {
            proof.input(input, bytes, source, dropped);
        }
        long firstRow = 0;
        Origins origins = Origins.of(table, data, schemas.of(footer));
        if (origins.obstacle() != null && source.rowGroups() > 0) {
            throw new IllegalStateException(
                    data.location() + " was planned to be merged by its pages, but " + origins.obstacle());
        }
        for (int number = 0; number < source.rowGroups(); number++) {
            if (source.rows(number) == 0) {
                // Some writers leave an empty row group if they had nothing to write.
                continue;
            }
            if (source.rows(number) < 0 || firstRow + source.rows(number) > data.recordCount()) {
                throw new BrokenPageException("Row group " + number + " of " + data.location() + " has "
                        + source.rows(number) + " rows, where the manifest has " + data.recordCount() + " in all");
            }
            RowGroupPart part = new RowGroupPart(source, number, firstRow, origins.columns(), dropped);
            int live = part.liveRows();
            firstRow += part.rows();
            tally.read(part.rows(), part.rows() - live);
            if (live > 0) {
                add(part, live);
            }
        }
        if (firstRow != data.recordCount()) {
            throw new BrokenPageException(
                    firstRow + " rows in " + data.location() + ", and " + data.recordCount() + " in the manifest");
        }
        if (sizing.pending().isEmpty()) {
            closeSources();
        }
    }

    private void add(RowGroupPart part, int live) {
        if (sizing.fileEndsBefore(live)) {
            writeRowGroup();
            closeFile();
        } else if (sizing.rowGroupEndsBefore(part)) {
            writeRowGroup();
            if (open != null && sizing.isTooLong(open.file().length())) {
                closeFile();
            }
        }
        sizing.add(part, live, tally.rowsRead());
    }

    private void writeRowGroup() {
        if (sizing.pending().isEmpty()) {
            return;
        }
        MergedFile to = open == null ? openFile() : open.file();
        long before = to.length();
        to.rowGroup(sizing.pending(), stop::check);
        sizing.written(to.length() - before);
        closeSources();
    }

    /** Closes all sources but the newest: the input that is being added may have more row groups. */
    private void closeSources() {
        SourceBytes newest = sources.isEmpty() ? null : sources.get(sources.size() - 1);
        sources.forEach(bytes -> {
            if (bytes != newest) {
                bytes.close();
            }
        });
        sources.clear();
        if (newest != null) {
            sources.add(newest);
        }
    }

    private MergedFile openFile() {
        StructLike partition = group.inputs().get(0).data().partition();
        OutputFile output = (spec.isPartitioned()
                        ? locations.newOutputFile(spec, partition)
                        : locations.newOutputFile())
                .encryptingOutputFile();
        staging.announce(output.location());
        StreamedBytes streamed = proof == null ? null : proof.output(output.location());
        MergedFile opened = new MergedFile(
                new ParquetOutput(output, streamed),
                schemas.output(),
                settings,
                buffers,
                proof == null ? ChunkCheck.NONE : proof);
        open = new Open(opened, output.location());
        sizing.opened();
        return opened;
    }

    private void closeFile() {
        Open full = open;
        if (full == null) {
            return;
        }
        ParquetMetadata footer = full.file().end(Map.of("iceberg.schema", SchemaParser.toJson(schemas.rows())));
        open = null;
        long length = full.file().length();
        Metrics metrics = ParquetUtil.footerMetrics(
                footer,
                full.file().leaves().stream().flatMap(leaf -> LeafMetrics.of(leaf).stream()),
                MetricsConfig.forTable(table));
        DataFiles.Builder builder = DataFiles.builder(spec)
                .withPath(full.location())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(length)
                .withMetrics(metrics)
                .withSplitOffsets(ParquetUtil.getSplitOffsets(footer));
        if (spec.isPartitioned()) {
            builder.withPartition(group.inputs().get(0).data().partition());
        }
        DataFile written = builder.build();
        if (proof != null) {
            proof.ended(written);
        }
        tally.written(full.file(), written);
        sizing.closed(length);
    }

    /**
     * Writes the pending row group, closes the last file and returns the result.
     *
     * @throws io.sink.action.ProofFailedException if the files are not what was compared
     */
    RewriteResult finish() {
        writeRowGroup();
        closeFile();
        if (proof == null) {
            return tally.result();
        }
        RewriteResult result = tally.result();
        return result.compared(proof.end(result.outputs()));
    }

    /** Closes what is open; an unfinished file was announced and stays, for its owner to delete. */
    @Override
    public void close() {
        sources.forEach(SourceBytes::close);
        if (open != null) {
            open.file().close();
        }
        if (proof != null) {
            proof.close();
        }
    }
}
