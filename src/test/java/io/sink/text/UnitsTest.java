package io.sink.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sink.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Seeds.Given.class)
class UnitsTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1073741824, 1073741824",
        "7B, 7",
        "1KiB, 1024",
        "512MiB, 536870912",
        "512mib, 536870912",
        "10GiB, 10737418240",
        "10 GiB, 10737418240",
        "1GB, 1000000000",
        "2TiB, 2199023255552",
        "1PB, 1000000000000000",
        "1.5GiB, 1610612736",
        "9223372036854775807, 9223372036854775807",
        "8191PiB, 9222246136947933184",
    })
    void reads_sizes(String text, long bytes) {
        assertThat(Units.parseSize(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                  | is not a size",
                "-1                  | is negative",
                "-5GiB               | is negative",
                "+5GiB               | is not a size",
                "010                 | is not a size",
                "1_000               | is not a size",
                "1e9                 | is not a size",
                "GiB                 | is not a size",
                "5G                  | has an unknown unit",
                "5 parsecs           | has an unknown unit",
                "0.3KiB              | is not a whole number of bytes",
                "9223372036854775808 | is too large",
                "8192PiB             | is too large",
                "99999999999999PiB   | is too large",
                "٣MiB                | is not a size",
            })
    void refuses_what_is_no_size_without_repeating_it(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseSize(text))
                .withMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource({
        "5d, PT120H",
        "12h, PT12H",
        "30m, PT30M",
        "90s, PT1M30S",
        "1d12h, PT36H",
        "1d2h3m4s, PT26H3M4S",
        "0s, PT0S",
        "PT5H, PT5H",
        "P5D, PT120H",
        "P1DT2H, PT26H",
        "365000d, PT8760000H",
    })
    void reads_durations(String text, Duration duration) {
        assertThat(Units.parseDuration(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5                    | has no unit",
                "0                    | has no unit",
                "432000000            | has no unit",
                "''                   | is not a duration",
                "-5d                  | is negative",
                "PT-5H                | is negative",
                "-PT5H                | is negative",
                "P-1D                 | is negative",
                "5 d                  | is not a duration",
                "5D                   | is not a duration",
                "12h1d                | is not a duration",
                "5w                   | is not a duration",
                "P1M                  | is not a duration",
                "P1Y                  | is not a duration",
                "P                    | is not a duration",
                "1.5h                 | is not a duration",
                "365001d              | is too long",
                "9223372036854775807d | is not a duration",
                "99999999999999999999s| is not a duration",
                "PT9223372036854775807S | is too long",
            })
    void refuses_what_is_no_duration(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseDuration(text))
                .withMessageStartingWith(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"010", "1_0", "+1", "-1", "1.0", "0x10", "ten", "", " 1", "٣"})
    void refuses_counts_that_are_not_plain_digits(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseCount(text, 1))
                .withMessageContaining("plain digits");
    }

    @Test
    void refuses_counts_out_of_range() {
        assertThat(Units.parseCount("2147483647", 1)).isEqualTo(Integer.MAX_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseCount("2147483648", 1))
                .withMessageContaining("too large");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Units.parseCount("0", 1))
                .withMessageContaining("from 1 up");
    }

    @Test
    void reads_instants_with_an_offset() {
        assertThat(Units.parseInstant("2026-11-01T02:00:00+02:00")).isEqualTo(Instant.parse("2026-11-01T00:00:00Z"));
        assertThatIllegalArgumentException().isThrownBy(() -> Units.parseInstant("2026-11-01T02:00:00"));
        assertThatIllegalArgumentException().isThrownBy(() -> Units.parseInstant("2026-11-01"));
    }

    @ParameterizedTest
    @CsvSource({
        "PT120H, 5d",
        "PT1H30M, 1h30m",
        "PT36H, 1d12h",
        "PT0S, 0s",
        "PT1.5S, 1.5s",
        "PT11.4S, 11.4s",
        "PT0.0004S, 0s",
        "PT-1H, -1h",
        "PT1M0.010S, 1m0.01s",
    })
    void prints_durations(Duration duration, String text) {
        assertThat(Units.duration(duration)).isEqualTo(text);
    }

    @Test
    void reads_every_duration_of_whole_seconds_that_it_prints(Seeds seeds) throws Exception {
        seeds.once(random -> {
            for (int i = 0; i < 1000; i++) {
                Duration duration = Duration.ofSeconds(random.nextLong(365_000L * 86_400));

                assertThat(Units.parseDuration(Units.duration(duration))).isEqualTo(duration);
            }
        });
    }
}
