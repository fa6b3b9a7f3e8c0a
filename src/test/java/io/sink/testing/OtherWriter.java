package io.sink.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriteStore;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.statistics.geospatial.GeospatialStatistics;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.GroupWriter;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Writes Parquet files in the layouts of other writers: pages cut anywhere, columns of nulls with an empty dictionary,
 * row groups of no rows with chunks of no pages, footers with other statistics than the pages have.
 *
 * @param codec of all pages
 * @param v2 whether data pages are of the second version
 * @param dictionary whether values are encoded with a dictionary, as long as it is small
 * @param emptyDictionaries whether a column of nulls alone gets a dictionary of no values
 * @param pageRows rows of a page, at most
 * @param groupRows rows of a row group
 * @param emptyGroups whether a row group of no rows stands before each of the others, and behind the last
 * @param footer what the footer says otherwise
 */
public record OtherWriter(
        CompressionCodecName codec,
        boolean v2,
        boolean dictionary,
        boolean emptyDictionaries,
        int pageRows,
        int groupRows,
        boolean emptyGroups,
        Footer footer) {

    /**
     * What a footer says.
     *
     * @param createdBy the name of the writer; null leaves it out
     * @param nullFactor by which each null count is multiplied
     * @param statistics whether there are any
     * @param indexes whether it points to indexes of pages
     */
    public record Footer(@Nullable String createdBy, int nullFactor, boolean statistics, boolean indexes) {
        /** As it is written. */
        public static final Footer TRUE = new Footer("somebody version 1.0", 1, true, true);
    }

    /** Writes a file. */
    public void write(Path file, MessageType schema, List<Group> rows) throws IOException {
        ParquetProperties properties = ParquetProperties.builder()
                .withWriterVersion(v2 ? WriterVersion.PARQUET_2_0 : WriterVersion.PARQUET_1_0)
                .withDictionaryEncoding(dictionary)
                .withPageRowCountLimit(pageRows)
                .build();
        try (ParquetFileWriter out = new ParquetFileWriter(
                new LocalOutputFile(file), schema, ParquetFileWriter.Mode.OVERWRITE, 1 << 20, 0)) {
            out.start();
            for (int from = 0; from < rows.size(); from += groupRows) {
                write(out, schema, properties, rows.subList(from, Math.min(rows.size(), from + groupRows)));
            }
            out.end(Map.of());
        }
        claim(file);
    }

    private void write(ParquetFileWriter out, MessageType schema, ParquetProperties properties, List<Group> rows)
            throws IOException {
        BytesInputCompressor compressor = codec == CompressionCodecName.BROTLI
                ? new BrotliStreams.Stored()
                : new CodecFactory(new Configuration(false), 1 << 20).getCompressor(codec);
        Map<ColumnDescriptor, Pages> columns = new LinkedHashMap<>();
        PageWriteStore pages = column -> columns.computeIfAbsent(column, any -> new Pages(compressor));
        ColumnWriteStore store = properties.newColumnWriteStore(schema, pages);
        RecordConsumer consumer = new ColumnIOFactory().getColumnIO(schema).getRecordWriter(store);
        GroupWriter writer = new GroupWriter(consumer, schema);
        rows.forEach(writer::write);
        consumer.flush();
        store.flush();
        out.startBlock(rows.size());
        for (ColumnDescriptor column : schema.getColumns()) {
            columns.computeIfAbsent(column, any -> new Pages(compressor)).writeTo(out, column);
        }
        out.endBlock();
        store.close();
    }

    /** The pages of one chunk, which are written once it is known whether it has a dictionary. */
    private final class Pages implements PageWriter {
        private interface Write {
            void to(ParquetFileWriter out) throws IOException;
        }

        private final BytesInputCompressor compressor;
        private final List<Write> data = new ArrayList<>();
        private @Nullable Write dictionaryPage;
        private boolean usesDictionary;
        private long values;

        Pages(BytesInputCompressor compressor) {
            this.compressor = compressor;
        }

        void writeTo(ParquetFileWriter out, ColumnDescriptor column) throws IOException {
            out.startColumn(column, values, codec);
            Write first = dictionaryPage;
            if (first != null) {
                first.to(out);
            } else if (usesDictionary && emptyDictionaries) {
                out.writeDictionaryPage(new DictionaryPage(
                        BytesInput.copy(compressor.compress(BytesInput.from(new byte[0]))), 0, 0, Encoding.PLAIN));
            }
            for (Write page : data) {
                page.to(out);
            }
            out.endColumn();
        }

        @Override
        public void writePage(
                BytesInput body, int count, Statistics<?> statistics, Encoding rl, Encoding dl, Encoding encoding) {
            throw new UnsupportedOperationException("a page without its count of rows");
        }

        @Override
        public void writePage(
                BytesInput body, int count, int rows, Statistics<?> said, Encoding rl, Encoding dl, Encoding encoding)
                throws IOException {
            int size = Math.toIntExact(body.size());
            BytesInput compressed = BytesInput.copy(compressor.compress(body));
            values += count;
            usesDictionary |= encoding.usesDictionary();
            data.add(out -> out.writeDataPage(count, size, compressed, said, rows, rl, dl, encoding));
        }

        @Override
        public void writePage(
                BytesInput body,
                int count,
                int rows,
                Statistics<?> said,
                @Nullable SizeStatistics sizes,
                @Nullable GeospatialStatistics places,
                Encoding rl,
                Encoding dl,
                Encoding encoding)
                throws IOException {
            writePage(body, count, rows, said, rl, dl, encoding);
        }

        @Override
        public void writePageV2(
                int rows,
                int nulls,
                int count,
                BytesInput repetition,
                BytesInput definition,
                Encoding encoding,
                BytesInput body,
                Statistics<?> said,
                @Nullable SizeStatistics sizes,
                @Nullable GeospatialStatistics places)
                throws IOException {
            writePageV2(rows, nulls, count, repetition, definition, encoding, body, said);
        }

        @Override
        public void writePageV2(
                int rows,
                int nulls,
                int count,
                BytesInput repetition,
                BytesInput definition,
                Encoding encoding,
                BytesInput body,
                Statistics<?> said)
                throws IOException {
            int size = Math.toIntExact(body.size());
            BytesInput rl = BytesInput.copy(repetition);
            BytesInput dl = BytesInput.copy(definition);
            BytesInput compressed = BytesInput.copy(compressor.compress(body));
            values += count;
            usesDictionary |= encoding.usesDictionary();
            data.add(out -> out.writeDataPageV2(rows, nulls, count, rl, dl, encoding, compressed, size, said));
        }

        @Override
        public void writeDictionaryPage(DictionaryPage page) throws IOException {
            DictionaryPage compressed = new DictionaryPage(
                    BytesInput.copy(compressor.compress(page.getBytes())),
                    Math.toIntExact(page.getBytes().size()),
                    page.getDictionarySize(),
                    page.getEncoding());
            dictionaryPage = out -> out.writeDictionaryPage(compressed);
        }

        @Override
        public long getMemSize() {
            return 0;
        }

        @Override
        public long allocatedSize() {
            return 0;
        }

        @Override
        public String memUsageString(String prefix) {
            return prefix;
        }
    }

    private void claim(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        int at = bytes.length - 8 - length;
        FileMetaData said = Util.readFileMetaData(new ByteArrayInputStream(bytes, at, length));
        said.setCreated_by(footer.createdBy());
        for (RowGroup rowGroup : said.getRow_groups()) {
            for (ColumnChunk chunk : rowGroup.getColumns()) {
                claim(chunk);
            }
        }
        if (emptyGroups && !said.getRow_groups().isEmpty()) {
            List<RowGroup> all = new ArrayList<>();
            for (RowGroup rowGroup : said.getRow_groups()) {
                all.add(empty(rowGroup));
                all.add(rowGroup);
            }
            all.add(empty(all.get(1)));
            said.setRow_groups(all);
        }
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Util.writeFileMetaData(said, written);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(bytes, 0, at);
            written.writeTo(out);
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(written.size())
                    .put("PAR1".getBytes(UTF_8))
                    .array());
        }
    }

    /** A row group of no rows, whose chunks have no pages; Parquet for Java itself writes none. */
    private static RowGroup empty(RowGroup like) {
        RowGroup empty = like.deepCopy();
        empty.setNum_rows(0);
        empty.setTotal_byte_size(0);
        empty.unsetTotal_compressed_size();
        empty.unsetFile_offset();
        empty.unsetOrdinal();
        for (ColumnChunk chunk : empty.getColumns()) {
            chunk.unsetColumn_index_offset();
            chunk.unsetColumn_index_length();
            chunk.unsetOffset_index_offset();
            chunk.unsetOffset_index_length();
            chunk.getMeta_data().setNum_values(0);
            chunk.getMeta_data().setTotal_compressed_size(0);
            chunk.getMeta_data().setTotal_uncompressed_size(0);
            chunk.getMeta_data().unsetDictionary_page_offset();
            chunk.getMeta_data().unsetStatistics();
            chunk.getMeta_data().unsetEncoding_stats();
            chunk.getMeta_data().unsetSize_statistics();
        }
        return empty;
    }

    private void claim(ColumnChunk chunk) {
        if (!footer.indexes()) {
            chunk.unsetColumn_index_offset();
            chunk.unsetColumn_index_length();
            chunk.unsetOffset_index_offset();
            chunk.unsetOffset_index_length();
        }
        if (!footer.statistics()) {
            chunk.getMeta_data().unsetStatistics();
        } else if (footer.nullFactor() > 1
                && chunk.getMeta_data().isSetStatistics()
                && chunk.getMeta_data().getStatistics().isSetNull_count()) {
            chunk.getMeta_data()
                    .getStatistics()
                    .setNull_count(footer.nullFactor()
                            * chunk.getMeta_data().getStatistics().getNull_count());
        }
    }
}
