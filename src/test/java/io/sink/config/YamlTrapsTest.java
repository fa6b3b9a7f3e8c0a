package io.sink.config;

import static io.sink.config.Written.HEAD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What YAML, or Jackson's reading of it, would let pass in silence. */
class YamlTrapsTest {

    @Test
    void names_the_nearest_key_for_an_unknown_one() {
        assertThat(Written.problems(HEAD + """
                tables:
                  - match: lake.web.*
                  - match: lake.ops.*
                    compact: { max-byte: 1GiB }
                """))
                .containsExactly("sink.yaml:7:16: tables[1].compact.max-byte: unknown key; did you mean max-bytes?");
    }

    @Test
    void lists_the_known_keys_when_none_is_near() {
        assertThat(Written.problems(HEAD + "observability: x\n"))
                .containsExactly(
                        "sink.yaml:4:1: observability: unknown key; known here: catalogs, maintenance, run, tables, version");
    }

    @Test
    void says_where_a_key_belongs_that_stands_in_the_wrong_mapping() {
        assertThat(Written.problems(HEAD + """
                maintenance:
                  older-than: 5d
                  expire: { max_bytes: 1GiB }
                """))
                .containsExactly(
                        "sink.yaml:5:3: maintenance.older-than: unknown key; it belongs under expire",
                        "sink.yaml:6:13: maintenance.expire.max_bytes: unknown key; it belongs under compact");
    }

    @Test
    void refuses_a_duplicate_key_at_any_depth() {
        assertThat(Written.problems(HEAD + """
                  lake: { type: path, warehouse: /other }
                maintenance:
                  expire:
                    older-than: 5d
                    older-than: 1d
                """))
                .containsExactly(
                        "sink.yaml:4:3: catalogs.lake: duplicate key; it is already set in line 3",
                        "sink.yaml:8:5: maintenance.expire.older-than: duplicate key; it is already set in line 7");
    }

    @Test
    void refuses_a_key_that_is_written_with_hyphens_and_with_underscores() {
        assertThat(Written.problems(HEAD + "maintenance: { expire: { older-than: 5d, older_than: 1d } }\n"))
                .containsExactly("sink.yaml:4:42: maintenance.expire.older_than: duplicate key; it is already set as"
                        + " older-than in line 4");
    }

    @Test
    void refuses_a_second_document() {
        assertThat(Written.problems(HEAD + "---\nversion: 1\n"))
                .containsExactly("sink.yaml:5:1: a second document starts here; one file holds one document, remove"
                        + " the ---");
        assertThat(Written.problems(HEAD + "---\n")).singleElement().asString().contains("second document");
        assertThat(Written.problems("---\n" + HEAD + "...\n")).isEmpty();
    }

    @Test
    void refuses_anchors_aliases_tags_and_merge_keys_all_at_once() {
        assertThat(Written.problems("""
                version: 1
                catalogs: &all
                  lake: &lake
                    type: rest
                    uri: &uri https://catalog.example.com
                  pond:
                    <<: *lake
                    type: rest
                    uri: *uri
                maintenance:
                  compact: { max-bytes: !!str 1GiB, branch: !custom main }
                  expire: !!map { older-than: 5d }
                """))
                .containsExactly(
                        "sink.yaml:2:11: catalogs: anchors (&) are not supported; write the value out where it is"
                                + " needed",
                        "sink.yaml:3:9: catalogs.lake: anchors (&) are not supported; write the value out where it is"
                                + " needed",
                        "sink.yaml:5:10: catalogs.lake.uri: anchors (&) are not supported; write the value out where"
                                + " it is needed",
                        "sink.yaml:7:5: catalogs.pond.<<: merge keys (<<) are not supported; write the keys out",
                        "sink.yaml:7:9: catalogs.pond.<<: aliases (*…) are not supported; write the value out, in quotes if it begins so",
                        "sink.yaml:9:10: catalogs.pond.uri: aliases (*…) are not supported; write the value out, in quotes if it begins so",
                        "sink.yaml:11:25: maintenance.compact.max-bytes: tags (!) are not supported; quote the value"
                                + " if it is meant to start with !",
                        "sink.yaml:11:45: maintenance.compact.branch: tags (!) are not supported; quote the value if"
                                + " it is meant to start with !",
                        "sink.yaml:12:11: maintenance.expire: tags (!) are not supported; quote the value if it is"
                                + " meant to start with !");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "&a version: 1      | anchors",
                "!!str version: 1   | tags",
                "x: 1\\n&a version: 1 | anchors",
                "x: 1\\n! version: 1  | tags",
                "version: ! 1       | tags",
                "version: !!int +   | tags",
                "version: [!!int +] | tags",
                "version: !!int x   | tags",
                "version: !!null x  | tags",
                "version: &a 1      | anchors",
                "version: &a !!int 1| tags",
                "version: !!int &a 1| anchors",
                "? &a version\\n: 1 | anchors",
                "version: [&a 1]    | anchors",
                "version: &a        | anchors",
                "version: *a        | aliases",
                "*a : 1             | a key must be plain text",
                "? [a]\\n: 1        | a key must be plain text",
                "&a {version: 1}    | anchors",
                "!t {version: 1}    | tags",
            })
    void refuses_node_properties_wherever_they_stand(String yaml, String problem) {
        assertThat(Written.problems(yaml.replace("\\n", "\n"))).anyMatch(line -> line.contains(problem));
    }

    @Test
    void reports_a_syntax_error_at_its_place_and_quotes_nothing_of_the_file() {
        List<String> problems = Written.problems("version: 1\ncatalogs:\n  c: { type: path, credential: hunter2, }}\n");

        assertThat(problems)
                .singleElement()
                .asString()
                .startsWith("sink.yaml:3:")
                .contains("not valid YAML");
        assertThat(problems.toString()).doesNotContain("hunter2");
        assertThat(Written.problems("a: b: hunter2\n"))
                .containsExactly("sink.yaml:1:5: not valid YAML: mapping values are not allowed here");
        assertThat(Written.problems("a: \"hunter2\n").toString())
                .contains("not valid YAML")
                .doesNotContain("hunter2");
        assertThat(Written.problems("a: hunter2\n\tb: 1\n").toString()).doesNotContain("hunter2");
        assertThat(Written.problems("a: \u0000hunter2\n").toString()).doesNotContain("hunter2");
        assertThat(Written.problems("a: {b: ${NAME}}\n"))
                .singleElement()
                .asString()
                .contains("a ${…} inside { } or [ ] has to be quoted");
    }

    @Test
    void counts_lines_and_columns_past_wide_characters_and_a_byte_order_mark() {
        assertThat(Written.problems("\uFEFFversion: 1\ncatalogs: { \uD83D\uDE00: *x }\n"))
                .containsExactly("sink.yaml:2:16: catalogs.\uD83D\uDE00: aliases (*…) are not supported; write the"
                        + " value out, in quotes if it begins so");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''            | sink.yaml:1:1: the file is empty; it needs at least version and catalogs",
                "# nothing     | sink.yaml:1:1: the file is empty; it needs at least version and catalogs",
                "---           | sink.yaml:1:4: the file is empty; it needs at least version and catalogs",
                "just text     | sink.yaml:1:1: is a single value; write a mapping such as version: 1",
                "[a]           | sink.yaml:1:1: is a list; write a mapping such as version: 1",
                "catalogs: {}  | sink.yaml:1:1: has no version; add version: 1 as the first line",
                "{version: 2, catalogs: {}} | sink.yaml:1:11: version: \"2\" is not supported; this sink reads version 1",
                "{version: 1.0, catalogs: {}} | sink.yaml:1:11: version: \"1.0\" is not supported; this sink reads version 1",
                "{version: 01, catalogs: {}} | sink.yaml:1:11: version: \"01\" is not supported; this sink reads version 1",
                "{version: [1], catalogs: {}} | sink.yaml:1:11: version: is a list; write 1",
            })
    void says_what_is_wrong_with_the_file_as_a_whole(String yaml, String problem) {
        assertThat(Written.problems(yaml)).containsExactly(problem);
    }

    @Test
    void reports_every_problem_in_the_order_of_the_file() {
        assertThat(Written.problems("""
                version: 3
                catalogs:
                  a.b: { type: rst, uri: x }
                maintenance:
                  expire: { older-than: 5 }
                  compact: [ 1 ]
                tables:
                  - exclude: true
                  - match: 7
                tabels: []
                """))
                .extracting(line -> line.substring(10, line.indexOf(": ")))
                .containsExactly("1:10", "3:3", "3:16", "5:25", "6:12", "8:5", "9:12", "10:1");
    }
}
