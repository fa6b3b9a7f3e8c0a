package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.engine.MemoryBudgetException;
import io.sink.pages.BrokenPageException;
import io.sink.testing.HostileParquet;
import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Statistics;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bound by itself: what one claim is held against, whatever the others would find. */
class SoundParquetTest {
    private static final int MOST = Integer.MAX_VALUE - 16;

    /** A text as the third field of a header, of as many bytes as fit into an int. */
    private static final byte[] TEXT_OF_GIGA = {0x38, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07};

    @TempDir
    Path warehouse;

    private PathTable table;
    private Path file;

    @BeforeEach
    void a_file_of_two_columns_with_dictionaries() throws IOException {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        file = Path.of(table.append(1, 1, 2).location());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100_000})
    void what_parquet_wrote_passes_byte_for_byte(int piece) throws IOException {
        assertThat(read(piece)).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void a_footer_that_the_file_cannot_hold_is_refused() throws IOException {
        for (int length : new int[] {MOST, -1, Math.toIntExact(Files.size(file)) - 8}) {
            HostileParquet.of(file).footerLength(length);

            assertRefused("a footer of " + Integer.toUnsignedString(length) + " bytes");
        }
    }

    /** A sparse file costs nothing, and has as many bytes as it says. */
    @Test
    void a_footer_that_is_there_and_larger_than_the_budget_is_refused() throws IOException {
        long length = 1L << 31;
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(length);
            sparse.seek(length - 8);
            sparse.write(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(1 << 30)
                    .array());
            sparse.write("PAR1".getBytes(StandardCharsets.US_ASCII));
        }

        assertThatThrownBy(() -> read(4096)).isInstanceOf(MemoryBudgetException.class);
    }

    @Test
    void a_list_in_a_footer_that_claims_more_than_the_footer_has_is_refused() throws IOException {
        HostileParquet.of(file)
                .footer(new byte[] {0x19, (byte) 0xFC, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07, 0, 0});

        assertRefused("a list of 2147483647 elements");
    }

    @Test
    void a_chunk_that_is_not_in_the_file_is_refused() throws IOException {
        HostileParquet whole = HostileParquet.of(file);
        whole.chunk(chunk -> chunk.setTotal_compressed_size(1L << 45));
        assertRefused("a chunk of 35184372088832 bytes");
        whole.chunk(chunk -> chunk.setTotal_compressed_size(-1));
        assertRefused("a chunk of -1 bytes");
        whole.chunk(chunk -> chunk.setDictionary_page_offset(0).setData_page_offset(1L << 40));
        assertRefused("at 1099511627776, and the file has");
        whole.chunk(chunk -> chunk.setDictionary_page_offset(0).setData_page_offset(-5));
        assertRefused("at -5, and the file has");
    }

    @Test
    void a_page_that_its_chunk_cannot_hold_is_refused() throws IOException {
        HostileParquet whole = HostileParquet.of(file);
        whole.page(PageType.DATA_PAGE, page -> page.setCompressed_page_size(MOST));
        assertRefused("a page of " + MOST + " bytes");
        whole.page(PageType.DATA_PAGE, page -> page.setUncompressed_page_size(-1));
        assertRefused("-1 uncompressed");
        long chunk = Files.size(file);
        whole.page(PageType.DATA_PAGE, page -> page.setCompressed_page_size((int) chunk));
        assertRefused("a page of " + chunk + " bytes");
    }

    @Test
    void a_page_that_unpacks_to_more_than_the_budget_is_refused() throws IOException {
        HostileParquet.of(file).page(PageType.DATA_PAGE, page -> page.setUncompressed_page_size(MOST));

        assertThatThrownBy(() -> read(4096)).isInstanceOf(MemoryBudgetException.class);
    }

    @Test
    void a_dictionary_of_more_values_than_bytes_is_refused() throws IOException {
        HostileParquet.of(file)
                .page(
                        PageType.DICTIONARY_PAGE,
                        page -> page.getDictionary_page_header().setNum_values(MOST));

        assertRefused("a dictionary of " + MOST + " values");
    }

    @Test
    void a_text_in_a_page_header_that_claims_more_than_the_chunk_has_is_refused() throws IOException {
        overwrite(file, TEXT_OF_GIGA);

        assertRefused("a text of 2147483647 bytes");
    }

    @Test
    void a_page_header_that_is_larger_than_any_is_refused() throws IOException {
        byte[] value = new byte[17 << 20];
        HostileParquet.of(file)
                .page(
                        PageType.DATA_PAGE,
                        page -> page.getData_page_header().setStatistics(new Statistics().setMin_value(value)));

        assertThatThrownBy(() -> read(8 << 20))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining("a page header of more than");
    }

    @Test
    void position_deletes_whose_bounds_name_no_file_are_read_behind_it() throws IOException {
        DataFile other = table.append(7, 8);
        BaseTable loaded = table.load();
        DeleteFile deletes = new TableChanges(loaded)
                .writePositionDeletes(List.of(other, dataFile(loaded)), 0)
                .get(0);
        loaded.newRowDelta().addDeletes(deletes).commit();
        loaded.refresh();
        assertThatCode(() -> LiveDeletes.scan(loaded, loaded.currentSnapshot(), count -> true))
                .doesNotThrowAnyException();

        overwrite(Path.of(deletes.location()), TEXT_OF_GIGA);

        assertThatThrownBy(() -> LiveDeletes.scan(loaded, loaded.currentSnapshot(), count -> true))
                .hasStackTraceContaining("a text of 2147483647 bytes");
    }

    private static DataFile dataFile(BaseTable table) {
        return table.snapshots()
                .iterator()
                .next()
                .addedDataFiles(table.io())
                .iterator()
                .next();
    }

    /** The first page's header begins with these bytes; the file is as long as it was. */
    private static void overwrite(Path file, byte[] header) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(4);
            bytes.write(header);
        }
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> read(64))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining(why);
    }

    /** All bytes from the first on, so many at a time. */
    private byte[] read(int piece) throws IOException {
        var input = SoundParquet.of(table.load().io().newInputFile(file.toString()), FileFormat.PARQUET);
        try (SeekableInputStream in = input.newStream()) {
            var all = new java.io.ByteArrayOutputStream();
            byte[] bytes = new byte[piece];
            for (int count = in.read(bytes, 0, piece); count >= 0; count = in.read(bytes, 0, piece)) {
                all.write(bytes, 0, count);
            }
            return all.toByteArray();
        }
    }
}
