package io.sink.config;

import static io.sink.config.Written.HEAD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scalars count as they are written, whatever YAML would make of them. */
class YamlScalarsTest {

    @ParameterizedTest
    @CsvSource({
        "no",
        "yes",
        "on",
        "Off",
        "y",
        "TRUE",
        "False",
        "010",
        "0o17",
        "0x1F",
        "1.10",
        "1_000",
        "+5",
        "1e3",
        ".inf",
        "12:30:45",
        "2026-11-21",
        "0b11",
        "'null'",
        "'~'",
        "-0",
        "1.",
        "007",
    })
    void takes_scalars_as_they_are_written(String raw) {
        SinkConfig config = Written.load(
                "version: 1\ncatalogs: { c: { type: path, warehouse: /w, value: " + quotedIfNull(raw) + " } }\n");

        assertThat(config.catalogs().get(0).properties()).containsEntry("value", raw);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''", "~", "null", "Null", "NULL"},
            nullValues = "none")
    void refuses_a_value_that_is_not_there(String raw) {
        assertThat(Written.problems(
                        "version: 1\ncatalogs:\n  c:\n    type: path\n    warehouse: /w\n    value: " + raw))
                .singleElement()
                .asString()
                .startsWith("sink.yaml:6:")
                .contains("catalogs.c.value: has no value; write one value");
    }

    @Test
    void refuses_an_empty_text() {
        assertThat(Written.problems(
                        "version: 1\ncatalogs: { c: { type: path, warehouse: \"\", other: \"${X}\" } }\n",
                        Map.of("X", "")))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("sink.yaml:2:41: catalogs.c.warehouse: is empty; write one value"))
                .anyMatch(line -> line.contains("catalogs.c.other: \"${X}\" expands to nothing"));
    }

    @ParameterizedTest
    @CsvSource({"no", "yes", "on", "True", "1"})
    void refuses_what_only_some_yaml_takes_for_a_boolean(String raw) {
        assertThat(Written.problems(HEAD + "tables: [ { match: lake, exclude: " + raw + " } ]\n"))
                .containsExactly("sink.yaml:4:35: tables[0].exclude: \"" + raw + "\" is neither; write true or false");
    }

    @Test
    void refuses_a_number_that_some_yaml_takes_for_octal() {
        assertThat(Written.problems(HEAD + "maintenance: { expire: { retain-last: 010 } }\n"))
                .containsExactly("sink.yaml:4:39: maintenance.expire.retain-last: \"010\" is not a whole number in"
                        + " plain digits; write a number from 1 up");
    }

    @Test
    void keeps_block_text_and_escapes() {
        SinkConfig config = Written.load("""
                version: 1
                catalogs:
                  c:
                    type: path
                    warehouse: "/w\\tx"
                    text: |
                      one
                      two
                    folded: >-
                      one
                      two
                """);

        assertThat(config.catalogs().get(0).properties())
                .containsEntry("warehouse", "/w\tx")
                .containsEntry("text", "one\ntwo\n")
                .containsEntry("folded", "one two");
    }

    @Test
    void keeps_the_signs_of_anchors_and_tags_in_text() {
        SinkConfig config = Written.load("""
                version: 1
                catalogs:
                  lake:
                    type: rest
                    uri: https://catalog.example.com/?a&b!c*d
                    one: "&a"
                    two: '!b'
                    three: "*c"
                    "<<": quoted
                """);

        assertThat(config.catalogs().get(0).properties())
                .containsEntry("uri", "https://catalog.example.com/?a&b!c*d")
                .containsEntry("one", "&a")
                .containsEntry("two", "!b")
                .containsEntry("three", "*c")
                .containsEntry("<<", "quoted");
    }

    private static String quotedIfNull(String raw) {
        return raw.equals("null") || raw.equals("~") ? "\"" + raw + "\"" : raw;
    }
}
