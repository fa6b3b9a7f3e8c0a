package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineWidthTest {

    @ParameterizedTest
    @CsvSource({"lake, 4", "事件, 4", "Ａ, 2", "e\u0301, 1", "😀, 2", "é→…, 3"})
    void counts_the_cells_of_a_terminal(String text, int cells) {
        assertThat(LineWidth.of(text)).isEqualTo(cells);
    }

    @Test
    void breaks_between_words_and_goes_on_further_in() {
        assertThat(new LineWidth(24).wrapped("  wrong: the file was gone before it was read", 6))
                .containsExactly("  wrong: the file was", "      gone before it was", "      read");
    }

    @Test
    void keeps_a_figure_with_its_unit() {
        assertThat(new LineWidth(14).wrapped("143.7 → 112.6 KiB", 0)).containsExactly("143.7 →", "112.6 KiB");
        assertThat(new LineWidth(11).wrapped("it is 100 %, all", 0)).containsExactly("it is", "100 %, all");
    }

    @Test
    void breaks_a_word_only_where_no_line_holds_it() {
        assertThat(new LineWidth(20).wrapped("left: s3://lake/web/events/data/f.parquet", 2))
                .containsExactly("left: s3://lake/web/", "  events/data/f.", "  parquet");
        assertThat(new LineWidth(12).wrapped("in lake.web.events", 2)).containsExactly("in lake.web.", "  events");
        assertThat(new LineWidth(5).wrapped("nnnnnnnn", 1)).containsExactly("nnnnn", " nnn");
    }

    @Test
    void never_parts_a_character_from_what_is_written_on_it_or_in_two() {
        assertThat(new LineWidth(3).wrapped("😀😀e\u0301e\u0301", 0)).containsExactly("😀", "😀e\u0301", "e\u0301");
    }

    @Test
    void shows_the_end_of_what_is_too_long() {
        assertThat(LineWidth.ending("lake.web.events", 10)).isEqualTo("…eb.events");
        assertThat(LineWidth.ending("lake.事件事件", 8)).isEqualTo("…件事件");
        assertThat(LineWidth.ending("lake", 4)).isEqualTo("lake");
    }

    @Test
    void leaves_every_line_whole_where_lines_are_endless() {
        assertThat(LineWidth.ENDLESS.wrapped("a ".repeat(500), 4)).containsExactly("a ".repeat(500));
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 40, 60, 80, 200})
    void breaks_no_secret_in_two(int columns) {
        String secret = "hunter2/hunter2_hunter2=hunter2-hunter2";
        LineWidth width = new LineWidth(columns, text -> text.replace(secret, "***"));

        for (int before = 0; before < columns; before++) {
            String text = "x".repeat(before) + " the server said: " + secret + " is no token";
            assertThat(String.join("", width.wrapped(text, 2))).doesNotContain("hunter2");
            assertThat(new Columns(List.of("A", "B"), 2, width).of(List.of(List.of("a", text))))
                    .doesNotContain("hunter2");
        }
    }
}
