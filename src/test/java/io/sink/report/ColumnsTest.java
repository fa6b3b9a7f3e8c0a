package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnsTest {
    private static final List<String> HEADERS = List.of("TABLE", "REASON", "BYTES");
    private static final List<List<String>> LINES = List.of(
            List.of("lake.web.events", "compacted", "3.1 → 2.9 GiB"),
            List.of("", "nothing-to-expire", ""),
            List.of("lake.web.clicks", "below-threshold", ""));

    @Test
    void aligns_without_borders_or_trailing_space() {
        String table = new Columns(List.of("NAME", "WHERE", "N"), 2, LineWidth.ENDLESS)
                .of(List.of(List.of("a", "here", "5"), List.of("long name", "", "1,000")));

        assertThat(table).isEqualTo("""
                NAME       WHERE      N
                a          here       5
                long name         1,000""");
    }

    @Test
    void aligns_by_the_cells_that_a_terminal_takes() {
        String table = Columns.of(List.of("NAME", "N"), LineWidth.ENDLESS)
                .of(List.of(List.of("事件", "1"), List.of("e\u0301té", "2"), List.of("😀", "3"), List.of("abcde", "4")));

        assertThat(table).isEqualTo("""
                NAME   N
                事件   1
                e\u0301té    2
                😀     3
                abcde  4""");
    }

    @Test
    void has_one_line_for_each_and_cuts_none_where_lines_are_endless() {
        String table = Columns.of(List.of("A", "B"), LineWidth.ENDLESS)
                .of(List.of(List.of("x\ny", "z\tq"), List.of("w".repeat(300), "end")));

        assertThat(table.lines()).hasSize(3);
        assertThat(table).contains("x\\u000ay", "z\\u0009q", "w".repeat(300) + "  end");
    }

    @Test
    void wraps_figures_before_words() {
        String table = new Columns(HEADERS, 2, new LineWidth(44)).of(LINES);

        assertThat(table).isEqualTo("""
                TABLE            REASON               BYTES
                lake.web.events  compacted            3.1 →
                                                    2.9 GiB
                                 nothing-to-expire
                lake.web.clicks  below-threshold""");
    }

    @Test
    void gives_long_names_lines_of_their_own() {
        String table = new Columns(HEADERS, 2, new LineWidth(38)).of(LINES);

        assertThat(table).isEqualTo("""
                TABLE
                  REASON                     BYTES
                lake.web.events
                  compacted          3.1 → 2.9 GiB
                  nothing-to-expire
                lake.web.clicks
                  below-threshold""");
    }

    @Test
    void leaves_short_names_beside_where_one_is_long() {
        List<List<String>> one =
                List.of(List.of("lake.a", "expired", "1"), List.of("n".repeat(45), "x", "2"), List.of("b", "y", "3"));

        assertThat(new Columns(HEADERS, 2, new LineWidth(40)).of(one)).isEqualTo("""
                TABLE   REASON   BYTES
                lake.a  expired      1
                nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
                    nnnnn
                        x            2
                b       y            3""");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 40, 80, 120})
    void is_as_wide_as_its_widest_parts_where_there_is_less_room_than_they_take(int width) {
        List<List<String>> many = IntStream.range(0, 30)
                .mapToObj(i -> List.of("事".repeat(i * 5), "r-".repeat(i * 3) + "unbreakable", "9".repeat(i)))
                .toList();

        String table = new Columns(HEADERS, 2, new LineWidth(width)).of(many);

        assertThat(table.lines()).allMatch(line -> LineWidth.of(line) <= Math.max(width, 2 + 2 + 11 + 2 + 29));
    }
}
