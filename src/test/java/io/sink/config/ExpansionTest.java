package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpansionTest {

    private static final Map<String, String> ENV = Map.of(
            "NAME", "value", "EMPTY", "", "NESTED", "${NAME} *x !y {z: 1}", "_a1", "under", "API_TOKEN", "tok-123456");

    @TempDir
    Path directory;

    private final Problems problems = new Problems();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain                | plain",
                "${NAME}              | value",
                "a${NAME}b${_a1}c     | avaluebunderc",
                "${NAME:-other}       | value",
                "${MISSING:-other}    | other",
                "${EMPTY:-other}      | other",
                "x${EMPTY}            | x",
                "x${MISSING:-}        | x",
                "${MISSING:-a:-b c}   | a:-b c",
                "${NESTED}            | ${NAME} *x !y {z: 1}",
                "$${NAME}             | ${NAME}",
                "$${                  | ${",
                "$$${NAME}            | $${NAME}",
                "$NAME                | $NAME",
                "cost: 5$             | cost: 5$",
                "$$                   | $$",
                "}{                   | }{",
            })
    void expands_once(String written, String value) {
        Text text = Objects.requireNonNull(expand(written));

        assertThat(text.value()).isEqualTo(value);
        assertThat(text.written()).isEqualTo(written);
        assertThat(problems.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a${MISSING}          | sink.yaml:3:7: key: ${MISSING} is not set; set the environment variable MISSING or write ${MISSING:-default}",
                "${NAME               | sink.yaml:3:7: key: has a ${ without its }; write $${ for a literal ${",
                "${1X}                | sink.yaml:3:7: key: has a reference that cannot be read",
                "${}                  | sink.yaml:3:7: key: has a reference that cannot be read",
                "${NAME-x}            | sink.yaml:3:7: key: has a reference that cannot be read",
                "${MISSING:-${NAME}}  | sink.yaml:3:7: key: has a reference that cannot be read",
                "${file:gone}         | sink.yaml:3:7: key: ${file:gone}: no such file; a relative path starts from",
                "${file:.}            | sink.yaml:3:7: key: ${file:.}: the file cannot be read (IOException)",
            })
    void reports_what_cannot_be_resolved(String written, String problem) {
        assertThat(expand(written)).isNull();
        assertThat(problems.sorted(Secrets.of(List.of())))
                .singleElement()
                .extracting(found -> found.render("sink.yaml"))
                .asString()
                .startsWith(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "'s3cret', 's3cret'",
        "'s3cret\n', 's3cret'",
        "'s3cret\r\n', 's3cret'",
        "'s3cret\n\n', 's3cret\n'",
        "'${NAME}\n', '${NAME}'",
        "' s3cret ', ' s3cret '",
    })
    void takes_the_content_of_a_file_less_one_line_break(String content, String value) throws Exception {
        Files.writeString(directory.resolve("secret"), content);

        assertThat(value("${file:secret}")).isEqualTo(value);
        assertThat(value("${file:" + directory.resolve("secret") + "}")).isEqualTo(value);
    }

    @Test
    void refuses_a_file_that_is_not_text() throws Exception {
        Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

        assertThat(expand("${file:binary}")).isNull();
        assertThat(problems.sorted(Secrets.of(List.of())).get(0).message()).contains("not UTF-8");
    }

    @Test
    void collects_what_comes_out_of_files_and_of_telling_variables() throws Exception {
        Files.writeString(directory.resolve("anything"), "from-a-file");
        Expansion expansion = new Expansion(directory, ENV, problems);

        expansion.expand(scalar("${file:anything} ${API_TOKEN} ${NAME} ${DB_PASSWORD:-fallback}"), "key");

        assertThat(expansion.secrets())
                .contains("from-a-file", "tok-123456", "fallback")
                .doesNotContain("value");
    }

    @Test
    void never_shows_an_expanded_value_in_a_message() {
        String yaml = """
                version: ${SECRET_VERSION}
                catalogs:
                  lake: { type: "${PLAIN}", uri: x }
                maintenance:
                  expire: { older-than: "${PLAIN}", retain-last: "${PLAIN}" }
                  compact: { max-bytes: "${PLAIN}", verify: "x${PLAIN}" }
                tables:
                  - match: "a..${PLAIN}"
                    exclude: ${PLAIN}
                  - match: "${PLAIN}.t"
                run: { deadline: "${PLAIN}" }
                """;

        List<String> shown = Written.problems(yaml, Map.of("PLAIN", "hunter2", "SECRET_VERSION", "hunter2"));

        assertThat(shown).hasSizeGreaterThan(8);
        assertThat(shown.toString()).doesNotContain("hunter2").contains("\"${PLAIN}\" is not a duration");
    }

    @Test
    void does_not_expand_keys() {
        assertThat(Written.load("version: 1\ncatalogs: { c: { type: path, warehouse: /w, \"${NAME}\": x } }\n", ENV)
                        .catalogs()
                        .get(0)
                        .properties())
                .containsEntry("${NAME}", "x");
    }

    private @Nullable Text expand(String written) {
        return new Expansion(directory, ENV, problems).expand(scalar(written), "key");
    }

    private String value(String written) {
        return Objects.requireNonNull(expand(written)).value();
    }

    private static Node.Scalar scalar(String text) {
        return new Node.Scalar(3, 7, text, false, false);
    }
}
