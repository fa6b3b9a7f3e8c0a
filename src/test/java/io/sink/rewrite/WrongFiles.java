package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Table;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/** Files of which one thing is made wrong after they were written. */
final class WrongFiles {
    private WrongFiles() {}

    /** Changes the footer of a file. */
    static void footer(Path file, Consumer<FileMetaData> change) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        int end = whole.length - 8;
        int start = end - ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(end);
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(whole, start, end - start));
        change.accept(footer);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(whole, 0, start);
        Util.writeFileMetaData(footer, changed);
        int length = changed.size() - start;
        for (int i = 0; i < 4; i++) {
            changed.write(length >>> (8 * i));
        }
        changed.write(whole, whole.length - 4, 4);
        Files.write(file, changed.toByteArray());
    }

    /** Changes the byte at this position of the last chunk of the first row group that has one. */
    static void flip(Path file, ToLongFunction<ColumnChunkMetaData> position) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        long at =
                ParquetFooter.read(org.apache.iceberg.Files.localInput(file.toFile()))
                        .getBlocks()
                        .get(0)
                        .getColumns()
                        .stream()
                        .mapToLong(position)
                        .filter(found -> found >= 0)
                        .reduce((one, other) -> other)
                        .orElseThrow();
        whole[(int) at] ^= 1;
        Files.write(file, whole);
    }

    /** Adds one to what the offset index of a column says of the first row of its second page. */
    static void firstRow(Path file, String column) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        ColumnChunkMetaData chunk =
                ParquetFooter.read(org.apache.iceberg.Files.localInput(file.toFile()))
                        .getBlocks()
                        .get(0)
                        .getColumns()
                        .stream()
                        .filter(one -> one.getPath().toDotString().equals(column))
                        .findFirst()
                        .orElseThrow();
        int at = (int) chunk.getOffsetIndexReference().getOffset();
        int length = chunk.getOffsetIndexReference().getLength();
        OffsetIndex index = Util.readOffsetIndex(new ByteArrayInputStream(whole, at, length));
        var page = index.getPage_locations().get(1);
        page.setFirst_row_index(page.getFirst_row_index() + 1);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        Util.writeOffsetIndex(index, changed);
        assertThat(changed.size()).isEqualTo(length);
        System.arraycopy(changed.toByteArray(), 0, whole, at, length);
        Files.write(file, whole);
    }

    /** The file as a manifest with other metrics would have it; those that are given say only how much there is. */
    static DataFile manifest(Table table, DataFile file, UnaryOperator<Metrics> change) {
        Metrics honest =
                new Metrics(file.recordCount(), null, file.valueCounts(), file.nullValueCounts(), null, null, null);
        return DataFiles.builder(table.spec())
                .copy(file)
                .withMetrics(change.apply(honest))
                .build();
    }
}
