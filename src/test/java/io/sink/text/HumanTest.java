package io.sink.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "17, 17 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "1048524, 1023.9 KiB",
        "1048550, 1.0 MiB",
        "1048576, 1.0 MiB",
        "10737418240, 10.0 GiB",
        "9223372036854775807, 8.0 EiB",
        "-2048, -2.0 KiB"
    })
    void writes_bytes_in_binary_units(long bytes, String written) {
        assertThat(Human.bytes(bytes)).isEqualTo(written);
    }

    @ParameterizedTest
    @CsvSource({
        "3328599654, 3113851290, 3.1 → 2.9 GiB",
        "1048576, 1023, 1.0 MiB → 1023 B",
        "17, 17, 17 → 17 B",
        "1100, 10, 1.1 KiB → 10 B"
    })
    void writes_a_unit_once_where_it_is_the_same(long before, long after, String written) {
        assertThat(Human.change(before, after)).isEqualTo(written);
    }

    @Test
    void writes_two_figures_in_full_where_they_would_look_the_same() {
        assertThat(Human.apart(10L << 30, 9L << 30)).containsExactly("10.0 GiB", "9.0 GiB");
        assertThat(Human.apart((10L << 30) + 1, 10L << 30))
                .containsExactly("10,737,418,241 bytes", "10,737,418,240 bytes");
        assertThat(Human.apart(5, 5)).containsExactly("5 B", "5 B");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0.0s",
        "PT11.44S, 11.4s",
        "PT59.94S, 59.9s",
        "PT59.99S, 1m00s",
        "PT3M8S, 3m08s",
        "PT2H5M59S, 2h05m",
        "P2D, 48h00m"
    })
    void writes_durations_as_short_as_they_are(Duration duration, String written) {
        assertThat(Human.duration(duration)).isEqualTo(written);
    }

    @Test
    void parts_thousands_whatever_the_locale() {
        assertThat(Human.count(2_110_000)).isEqualTo("2,110,000");
    }

    @Test
    void leaves_plain_text_as_it_is() {
        String text = "lake.wêb.事件 <b> 'q' \\ 😀";

        assertThat(Human.plain(text)).isEqualTo(text);
    }

    @Test
    void escapes_what_is_not_plain() {
        assertThat(Human.plain("\u001b[0m\n\u202e\u009b\ud800")).isEqualTo("\\u001b[0m\\u000a\\u202e\\u009b\\ud800");
    }
}
