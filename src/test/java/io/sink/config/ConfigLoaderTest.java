package io.sink.config;

import static io.sink.config.Written.HEAD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sink.catalog.TableRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {

    @TempDir
    Path directory;

    @Test
    void keeps_a_catalogs_properties_verbatim() {
        SinkConfig config = Written.load("""
                version: 1
                catalogs:
                  lake:
                    type: rest
                    uri: https://catalog.example.com
                    s3.path_style.Odd: 1.10
                    "header.X-A: b": 010
                    overrides: { s3.remote-signing-enabled: false }
                  own: { catalog-impl: com.example.Own, type: custom }
                  named: { catalog-impl: com.example.Own }
                """);

        assertThat(config.catalogs())
                .containsExactly(
                        new CatalogConfig(
                                "lake",
                                "rest",
                                Map.of(
                                        "uri", "https://catalog.example.com",
                                        "s3.path_style.Odd", "1.10",
                                        "header.X-A: b", "010"),
                                Map.of("s3.remote-signing-enabled", "false")),
                        new CatalogConfig("own", "custom", Map.of("catalog-impl", "com.example.Own"), Map.of()),
                        new CatalogConfig("named", "custom", Map.of("catalog-impl", "com.example.Own"), Map.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "c: { type: rst, uri: x }          | 3:14 | catalogs.c.type: \"rst\" is not a catalog type (a class of your own goes into catalog-impl); did you mean rest?",
                "c: { uri: x }                     | 3:3  | catalogs.c: has no type; add one",
                "c: { type: rest }                 | 3:3  | catalogs.c: has no uri; a catalog of type rest needs it",
                "c: { type: jdbc, uri: x }         | 3:3  | catalogs.c: has no warehouse; a catalog of type jdbc needs it",
                "c: { type: path }                 | 3:3  | catalogs.c: has no warehouse; a catalog of type path needs it",
                "c: { type: custom }               | 3:3  | catalogs.c: has no catalog-impl; a catalog of type custom needs it",
                "c: { type: rest, uri: x, catalog-impl: y } | 3:14 | catalogs.c.type: \"rest\" stands beside catalog-impl",
                "c: { type: rest, uri: x, s3: { endpoint: y } } | 3:32 | catalogs.c.s3: is a mapping; write one value, nested names joined by dots",
                "c: { type: rest, uri: [x] }       | 3:25 | catalogs.c.uri: is a list; write one value",
                "c: { type: rest, uri: x, overrides: y } | 3:39 | catalogs.c.overrides: is a single value; write a mapping",
                "c: { type: rest, uri: x, s3.path-style-access: yes } | 3:50 | catalogs.c.s3.path-style-access: is \"yes\"; write true",
                "c:                                | 3:5  | catalogs.c: is empty; write a mapping such as",
                "a.b: { type: rest, uri: x }       | 3:3  | catalogs.a.b: \"a.b\" cannot name a catalog",
                "'a*': { type: rest, uri: x }      | 3:3  | catalogs.a*: \"a*\" cannot name a catalog",
                "a b: { type: rest, uri: x }       | 3:3  | catalogs.a b: \"a b\" cannot name a catalog",
                "'': { type: rest, uri: x }        | 3:3  | catalogs.: \"\" cannot name a catalog",
            })
    void says_what_is_wrong_with_a_catalog(String catalog, String place, String problem) {
        assertThat(Written.problems("version: 1\ncatalogs:\n  " + catalog + "\n"))
                .singleElement()
                .asString()
                .startsWith("sink.yaml:" + place + ": " + problem);
    }

    @Test
    void allows_no_catalogs_only_where_that_is_said() {
        assertThat(Written.load("version: 1\ncatalogs: {}\ntables: [ { match: lake } ]\n")
                        .catalogs())
                .isEmpty();
        assertThat(Written.problems("version: 1\n")).singleElement().asString().contains("has no catalogs");
        assertThat(Written.problems("version: 1\ncatalogs:\n"))
                .singleElement()
                .asString()
                .contains("is empty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ match: x }       | 3:10 | catalogs",
                "- { exclude: true }            | 5:5  | tables[0]: has no match; add one",
                "- { match: }                   | 5:13 | tables[0].match: has no value",
                "- { match: lke.web.* }         | 5:14 | tables[0].match: \"lke.web.*\" selects in no configured catalog; did you mean lake?",
                "- { match: lake..x }           | 5:14 | tables[0].match: \"lake..x\" has an empty level",
                "- lake                         | 5:5  | tables[0]: is a single value; write a mapping such as match:",
                "- { match: lake, retain-last: 3 } | 5:20 | tables[0].retain-last: unknown key; it belongs under expire",
            })
    void says_what_is_wrong_with_a_rule(String rule, String place, String problem) {
        if (problem.equals("catalogs")) {
            assertThat(Written.problems(HEAD + "tables: " + rule + "\n"))
                    .containsExactly(
                            "sink.yaml:4:9: tables: is a mapping; write a list such as - match: \"lake.web.*\"");
            return;
        }
        assertThat(Written.problems(HEAD + "tables:\n  " + rule + "\n"))
                .singleElement()
                .asString()
                .startsWith("sink.yaml:" + place + ": " + problem);
    }

    @Test
    void does_not_blame_a_rule_for_a_catalog_that_cannot_be_read() {
        assertThat(Written.problems(HEAD + "  pond: x\ntables: [ { match: pond } ]\n"))
                .singleElement()
                .asString()
                .contains("catalogs.pond: is a single value");
    }

    @Test
    void refuses_a_rule_that_would_never_apply() {
        assertThat(Written.problems(HEAD + "tables: [ { match: lake.a }, { match: lake.b }, { match: lake.a } ]\n"))
                .containsExactly("sink.yaml:4:58: tables[2].match: \"lake.a\" is already the match of tables[0], which"
                        + " would never apply; join the two rules");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "maintenance: { compact_file_count: 7, compact_max_bytes: 1024, min_snapshots_to_keep: 3, max_snapshot_age_hours: 36 }",
                "maintenance: { compact-file-count: 7, compact-max-bytes: 1KiB, min-snapshots-to-keep: 3, max-snapshot-age-hours: 36 }",
                "maintenance: { compact: { compact_file_count: 7, compact_max_bytes: 1024 }, expire: { min_snapshots_to_keep: 3, max_snapshot_age_hours: 36 } }",
                "maintenance: { compact: { min_data_files: 7, max_bytes: 1KiB }, expire: { retain_last: 3, older_than: 1d12h } }",
                "tables: [ { match: lake, compact_file_count: 7, compact_max_bytes: 1024, min_snapshots_to_keep: 3, max_snapshot_age_hours: 36 } ]",
                "tables: [ { match: lake, compact: { compact_file_count: 7, compact_max_bytes: 1024 }, expire: { min_snapshots_to_keep: 3, max_snapshot_age_hours: 36 } } ]",
            })
    void understands_the_names_of_hypaware_beside_and_in_the_mappings(String yaml) {
        TablePolicy policy = new PolicyResolver(Written.load(HEAD + yaml), Map.of(), Map.of(), Written.NOW)
                .resolve(new TableRef("lake", List.of(), "t"));

        assertThat(policy.compact().minDataFiles().value()).isEqualTo(7);
        assertThat(policy.compact().maxBytes().value()).isEqualTo(1024);
        assertThat(policy.expire().toString())
                .contains("olderThan=Setting[value=PT36H")
                .contains("retainLast=Setting[value=3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ compact: { min-data-files: 7, compact_file_count: 7 } } | 4:46 | maintenance.compact.compact_file_count: sets min-data-files, which min-data-files in line 4 already sets",
                "{ compact_file_count: 7, compact: { min-data-files: 7 } } | 4:16 | maintenance.compact_file_count: sets min-data-files, which min-data-files in line 4 already sets",
                "{ expire: { max_snapshot_age_hours: 7, older-than: 7h } } | 4:26 | maintenance.expire.max_snapshot_age_hours: sets older-than",
                "{ min_snapshots_to_keep: 7, expire: { min_snapshots_to_keep: 7 } } | 4:16 | maintenance.min_snapshots_to_keep: sets retain-last",
                "{ max_snapshot_age_hours: 24h } | 4:40 | maintenance.max_snapshot_age_hours: \"24h\" is not a whole number",
            })
    void refuses_a_name_and_its_alias_together(String maintenance, String place, String problem) {
        assertThat(Written.problems(HEAD + "maintenance: " + maintenance + "\n"))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void reports_a_file_that_cannot_be_read() throws Exception {
        Path binary = Files.write(directory.resolve("sink.yaml"), new byte[] {(byte) 0xff, 0});

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(binary, Map.of()))
                .withMessage(binary + ": the configuration file is not UTF-8 text");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(directory, Map.of()))
                .withMessageStartingWith(directory + ": the configuration file cannot be read");
    }

    @Test
    void puts_one_problem_on_each_line_with_the_file_as_it_was_named() throws Exception {
        Path file = Files.writeString(directory.resolve("sink.yaml"), "version: 2\ncatalogs: []\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(file, Map.of()))
                .withMessage(file + ":1:10: version: \"2\" is not supported; this sink reads version 1\n" + file
                        + ":2:11: catalogs: is a list; write a mapping such as lake: { type: rest, uri: … }");
    }

    @Test
    void keeps_a_problem_on_one_line_whatever_the_value() {
        assertThat(Written.problems(HEAD + "maintenance: { expire: { older-than: \"a\\nb\\e[31m\" } }\n"))
                .singleElement()
                .asString()
                .contains("\"a\\nb\\u001b[31m\" is not a duration");
    }

    @Test
    void repeats_no_secret_where_it_stands_as_a_key() {
        assertThat(Written.problems(HEAD + "  pond: { type: rest, uri: http://h, token: hunter2abc }\nhunter2abc: 1\n"))
                .singleElement()
                .asString()
                .contains("***: unknown key")
                .doesNotContain("hunter2");
    }

    @Test
    void says_where_a_key_belongs_that_stands_at_the_top() {
        assertThat(Written.problems(HEAD + "expire: { older-than: 5d }\n"))
                .containsExactly("sink.yaml:4:1: expire: unknown key; it belongs under maintenance");
    }

    @Test
    void reads_lines_that_end_as_windows_has_them() {
        assertThat(Written.problems((HEAD + "maintenance:\n  expire: { older: 5d }\n").replace("\n", "\r\n")))
                .singleElement()
                .asString()
                .startsWith("sink.yaml:5:13: maintenance.expire.older: unknown key");
    }

    @Test
    void keeps_known_secrets_out_of_problems() {
        assertThat(Written.problems(HEAD + """
                  pond: { type: rest, uri: x, token: hunter2 }
                maintenance: { expire: { older-than: hunter2 } }
                """).toString())
                .doesNotContain("hunter2")
                .contains("\"***\" is not a duration");
    }

    @Test
    void hides_what_the_aws_sdk_takes_from_the_environment_by_itself() {
        SinkConfig config = Written.load(HEAD, Map.of("AWS_SECRET_ACCESS_KEY", "hunter2", "AWS_REGION", "eu-west-1"));

        assertThat(config.secrets().redact("hunter2 in eu-west-1")).isEqualTo("*** in eu-west-1");
    }

    @Test
    void finds_the_secrets_of_all_catalogs() {
        Secrets secrets = Written.load("""
                version: 1
                catalogs:
                  a: { type: rest, uri: "https://u:pass1@example.com", credential: "id:cred1" }
                  b: { type: path, warehouse: /w, overrides: { s3.session-token: over1 } }
                """).secrets();

        assertThat(secrets.redact("pass1 cred1 over1 /w")).isEqualTo("*** *** *** /w");
    }
}
