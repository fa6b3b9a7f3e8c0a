package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnsTest {

    @Test
    void aligns_without_borders_or_trailing_space() {
        String table = Columns.of(
                List.of("NAME", "WHERE", "N"),
                List.of(List.of("a", "here", "5"), List.of("long name", "", "1,000")),
                2);

        assertThat(table).isEqualTo("""
                NAME       WHERE      N
                a          here       5
                long name         1,000""");
    }

    @Test
    void has_one_line_for_each_whatever_is_in_a_cell() {
        String table = Columns.of(List.of("A", "B"), List.of(List.of("x\ny", "z\tq"), List.of("w".repeat(300), "end")));

        assertThat(table.lines()).hasSize(3);
        assertThat(table).contains("x\\u000ay", "z\\u0009q");
    }

    @Test
    void cuts_what_is_too_wide() {
        String table = Columns.of(List.of("A", "B"), List.of(List.of("w".repeat(300), "end")));

        assertThat(table.lines().skip(1))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("www")
                        .contains("…")
                        .endsWith("end")
                        .hasSizeLessThan(110));
    }
}
