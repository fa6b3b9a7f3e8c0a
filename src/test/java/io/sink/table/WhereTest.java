package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WhereTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "day(ts) < '2026-11-01' | (not_null(day(ref(name=\"ts\"))) and day(ref(name=\"ts\")) < \"2026-11-01\")",
                "days(ts) >= DATE '2026-11-01' | day(ref(name=\"ts\")) >= \"2026-11-01\"",
                "year(ts) = 2026 | year(ref(name=\"ts\")) == 56",
                "years(ts) <= '1969' | (not_null(year(ref(name=\"ts\"))) and year(ref(name=\"ts\")) <= -1)",
                "month(ts) > '1970-02' | month(ref(name=\"ts\")) > 1",
                "hour(ts) = '1970-01-02T03' | hour(ref(name=\"ts\")) == 27",
                "hours(ts) = '1969-12-31-23' | hour(ref(name=\"ts\")) == -1",
                "bucket(16, id) in (1, 2) | bucket[16](ref(name=\"id\")) in (1, 2)",
                "bucket(id, 16) = 3 | bucket[16](ref(name=\"id\")) == 3",
                "truncate(2, s) = 'ab' | truncate[2](ref(name=\"s\")) == \"ab\"",
                "5 > a | (not_null(ref(name=\"a\")) and ref(name=\"a\") < 5)",
                "a = -5 | ref(name=\"a\") == -5",
                "a <= 1.50 | (not_null(ref(name=\"a\")) and ref(name=\"a\") <= 1.50)",
                "a <> 1 | (not_null(ref(name=\"a\")) and ref(name=\"a\") != 1)",
                "not a != 1 | ref(name=\"a\") == 1",
                "not (a < 1 and b >= 'x') | (ref(name=\"a\") >= 1 or (not_null(ref(name=\"b\")) and ref(name=\"b\") < \"x\"))",
                "not a = 1 and b = 2 | ((not_null(ref(name=\"a\")) and ref(name=\"a\") != 1) and ref(name=\"b\") == 2)",
                "a = 1 or b = 2 and c = 3 | (ref(name=\"a\") == 1 or (ref(name=\"b\") == 2 and ref(name=\"c\") == 3))",
                "a between 1 and 3 | (ref(name=\"a\") >= 1 and (not_null(ref(name=\"a\")) and ref(name=\"a\") <= 3))",
                "a not between 1 and 3 | ((not_null(ref(name=\"a\")) and ref(name=\"a\") < 1) or ref(name=\"a\") > 3)",
                "not a in (1, 2) | (not_null(ref(name=\"a\")) and ref(name=\"a\") not in (1, 2))",
                "a is null or not b is null | (is_null(ref(name=\"a\")) or not_null(ref(name=\"b\")))",
                "s like 'eu-%' | ref(name=\"s\") startsWith \"\"eu-\"\"",
                "place.\"country code\" = 'd''e' | ref(name=\"place.country code\") == \"d'e\"",
                "`my col` = true | ref(name=\"my col\") == true",
            })
    void reads_what_sql_means(String text, String meant) {
        assertThat(Where.parse(text).expression()).hasToString(meant);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "a = | ends too early",
                "a = 1 and | ends too early",
                "a = 1; drop table t | from character 6 on",
                "a == 1 | from character 4 on",
                "a | ends too early",
                "true | ends too early",
                "1 = 2 | from character 5 on",
                "a = b | from character 5 on",
                "a <=> 1 | from character 5 on",
                "a in (select 1) | from character 7 on",
                "(a, b) in ((1, 2)) | from character 3 on",
                "a = current_date | from character 5 on",
                "lower(a) = 'x' | none of year(c), month(c)",
                "bucket(a) = 1 | none of year(c), month(c)",
                "bucket(0, a) = 1 | whose number is none of a partition field",
                "bucket(9999999999, a) = 1 | whose number is none of a partition field",
                "a like '%x' | like is only for what a column begins with",
                "a like 'x_%' | like is only for what a column begins with",
                "a ilike 'x%' | from character 3 on",
                "month(ts) = 11 | for a value of month(); write '2026-11'",
                "day(ts) < '2026-11' | for a value of day(); write '2026-11-01'",
                "day(ts) < 20398 | for a value of day(); write '2026-11-01'",
                "hour(ts) = '2026-11-01T10:30' | for a value of hour(); write '2026-11-01T10'",
                "year(ts) = 'x' | for a value of year(); write 2026",
                "a = 99999999999999999999 | which no column can hold",
            })
    void says_what_it_cannot_read(String text, String why) {
        assertThatThrownBy(() -> Where.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "(, 2000, ), 'a = 1 '",
        "'not ', 1000, '', ''",
        "'a=1 or ', 600, '', longer",
        "(, 4000, '', ends too early"
    })
    void ends_whatever_it_reads(String before, int times, String after, String why) {
        String text = before.repeat(times) + "a = 1" + after.repeat(times);

        try {
            assertThat(Where.parse(text)).hasToString(text);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageMatching("ends too early.*|is nested too deep|is longer than 4096 characters");
            assertThat(why).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void asks_for_more_than_space(String text) {
        assertThatThrownBy(() -> Where.parse(text)).hasMessageStartingWith("is empty; write comparisons such as");
    }
}
