package io.sink.pages;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.schema.MessageType;

/**
 * A Parquet file that is made of row groups of others, column by column, each by the cheapest way that is legal.
 *
 * <p>Holds one column chunk of the output in memory at a time, and the chunks that it is made of.
 */
public final class MergedFile implements Closeable {
    private final MessageType schema;
    private final WriteSettings settings;
    private final ParquetFileWriter writer;
    private final Codecs codecs;
    private final List<LeafSummary> leaves = new ArrayList<>();
    private final Map<Share, Long> shares = new EnumMap<>(Share.class);
    private boolean ended;

    /**
     * Begins the file.
     *
     * @throws UncheckedIOException if it cannot be created
     */
    public MergedFile(OutputFile file, MessageType schema, WriteSettings settings) {
        this.schema = schema;
        this.settings = settings;
        this.codecs = new Codecs(settings.codec(), settings.codecLevel());
        schema.getColumns().forEach(column -> leaves.add(new LeafSummary(column.getPrimitiveType())));
        try {
            this.writer = new ParquetFileWriter(
                    file,
                    schema,
                    ParquetFileWriter.Mode.CREATE,
                    ParquetProperties.DEFAULT_PAGE_SIZE,
                    0,
                    ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                    ParquetProperties.DEFAULT_STATISTICS_TRUNCATE_LENGTH,
                    true);
            writer.start();
        } catch (IOException e) {
            codecs.close();
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes one row group.
     *
     * @param parts what it is made of, in the order of its rows; at least one row goes on
     * @param between run before each column; ends the work by throwing
     * @throws BrokenPageException if a source is damaged
     */
    public void rowGroup(List<RowGroupPart> parts, Runnable between) {
        long rows = parts.stream().mapToLong(RowGroupPart::liveRows).sum();
        try {
            writer.startBlock(rows);
            for (int number = 0; number < leaves.size(); number++) {
                between.run();
                BuiltChunk built = chunk(number, parts);
                if (built.chunk().rows() != rows) {
                    throw new IllegalStateException(built.chunk().rows() + " of " + rows + " rows in column "
                            + String.join(".", schema.getColumns().get(number).getPath()));
                }
                built.chunk().writeTo(writer, built.statistics());
                leaves.get(number).add(built.chunk().summary());
                built.shares().forEach((share, bytes) -> shares.merge(share, bytes, Long::sum));
            }
            writer.endBlock();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BuiltChunk chunk(int number, List<RowGroupPart> parts) {
        ColumnDescriptor column = schema.getColumns().get(number);
        ParquetProperties properties = settings.properties();
        boolean plain = !properties.isBloomFilterEnabled(column)
                && properties.isDictionaryEnabled(column)
                && properties.getStatisticsEnabled(column)
                && properties.getWriterVersion() == WriterVersion.PARQUET_1_0;
        if (plain) {
            try {
                return new PageMerge(column, number, settings, codecs).merge(parts);
            } catch (NotByPageException e) {
                // Then value by value.
            }
        }
        return new Transcoder(schema, number, settings, codecs).transcode(parts);
    }

    /** Bytes written so far. */
    public long length() {
        try {
            return writer.getPos();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends the file.
     *
     * @param metadata keys and values for the footer
     * @return its footer, with statistics that the file itself may leave out
     */
    public ParquetMetadata end(Map<String, String> metadata) {
        try {
            writer.end(metadata);
            ended = true;
            return writer.getFooter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            codecs.close();
        }
    }

    /** What is known of each leaf column, in the order of the schema. */
    public List<LeafSummary> leaves() {
        return List.copyOf(leaves);
    }

    /** Compressed bytes of the sources by what was done with them. */
    public Map<Share, Long> shares() {
        return Map.copyOf(shares);
    }

    /** Lets go of a file that was not ended, after a failure. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            codecs.close();
            try {
                writer.close();
            } catch (IOException | RuntimeException e) {
                // The failure that brought us here is the one to report.
            }
        }
    }
}
