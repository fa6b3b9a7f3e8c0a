package io.sink.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.Test;

class ThriftBoundsTest {

    @Test
    void what_parquet_wrote_passes_and_ends_where_it_ends() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PageHeader page = new PageHeader(PageType.DATA_PAGE, 5, 5);
        page.setData_page_header(new DataPageHeader(3, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
        page.getData_page_header()
                .setStatistics(new Statistics().setMin_value("a".getBytes()).setNull_count(1L << 40));
        Util.writePageHeader(page, bytes);
        int end = bytes.size();
        FileMetaData footer =
                new FileMetaData(2, List.of(new SchemaElement("a"), new SchemaElement("b")), 5, List.of());
        footer.setKey_value_metadata(List.of(new KeyValue("k")));
        Util.writeFileMetaData(footer, bytes);
        byte[] both = bytes.toByteArray();

        assertThat(ThriftBounds.end(both, 0, both.length, both.length)).isEqualTo(end);
        assertThatCode(() -> ThriftBounds.require(both, end, both.length)).doesNotThrowAnyException();
        for (int until = end; until < both.length; until++) {
            assertThat(ThriftBounds.end(both, end, until, both.length)).isNegative();
        }
    }

    @Test
    void a_list_a_map_or_a_text_that_claims_more_than_there_is_is_refused() {
        byte[] giga = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07};

        assertRefused("a list of 2147483647 elements", new byte[] {0x19, (byte) 0xFC}, giga);
        assertRefused("a list of 2147483647 elements", new byte[] {0x1B}, giga);
        assertRefused("a text of 2147483647 bytes", new byte[] {0x18}, giga);
        assertRefused("a field of unknown type", new byte[] {0x1F}, giga);
    }

    @Test
    void a_size_below_zero_and_a_number_without_end_are_refused() {
        byte[] minus = new byte[10];
        Arrays.fill(minus, (byte) 0xFF);
        minus[9] = 0x01;
        byte[] endless = new byte[20];
        Arrays.fill(endless, (byte) 0x80);

        assertRefused("a text of -1 bytes", new byte[] {0x18}, minus);
        assertRefused("a list of -1 elements", new byte[] {0x19, (byte) 0xFC}, minus);
        assertRefused("a number of more than 64 bits", new byte[] {0x16}, endless);
    }

    @Test
    void a_struct_that_ends_after_its_bytes_is_refused() {
        byte[] cut = {0x15};

        assertThatThrownBy(() -> ThriftBounds.require(cut, 0, cut.length))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining("a struct that ends after its bytes");
        assertThat(ThriftBounds.end(cut, 0, cut.length, 100)).isNegative();
    }

    @Test
    void structs_nested_without_end_are_refused() {
        byte[] nested = new byte[100_000];
        Arrays.fill(nested, (byte) 0x1C);
        byte[] lists = new byte[100_000];
        Arrays.fill(lists, (byte) 0x19);

        assertRefused("structs nested", nested, new byte[0]);
        assertRefused("structs nested", lists, new byte[0]);
    }

    private static void assertRefused(String why, byte[] first, byte[] second) {
        byte[] bytes = Arrays.copyOf(first, first.length + second.length + 20);
        System.arraycopy(second, 0, bytes, first.length, second.length);

        assertThatThrownBy(() -> ThriftBounds.require(bytes, 0, bytes.length))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining(why);
    }
}
