package io.sink.config;

import static io.sink.config.Written.HEAD;
import static io.sink.config.Written.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplainedTest {

    private static final String EVERYWHERE = HEAD + """
            maintenance:
              expire: { older-than: 5d, retain-last: 10 }
              compact: { max-bytes: 10GiB }
            tables:
              - match: "lake.**"
                expire: { older-than: 4d, max-expire-snapshots: 7 }
              - match: "lake.web.*"
                expire: { older-than: 3d }
              - match: "lake.tmp.*"
                exclude: true
            """;

    @Test
    void explains_every_value_with_its_source() {
        List<Explained> explained =
                resolver(EVERYWHERE, Map.of("min-data-files", "64")).explain();

        assertThat(explained)
                .extracting(Explained::scope)
                .containsExactly(
                        "catalog lake",
                        "run",
                        "defaults",
                        "rule \"lake.**\"",
                        "rule \"lake.web.*\"",
                        "rule \"lake.tmp.*\"");
        assertThat(explained.get(0).lines())
                .containsExactly(
                        new Explained.Line("type", "rest", "sink.yaml:3"),
                        new Explained.Line("uri", "https://catalog.example.com", "sink.yaml:3"));
        assertThat(explained.get(4).lines())
                .startsWith(
                        new Explained.Line("older-than", "3d", "rule \"lake.web.*\""),
                        new Explained.Line("retain-last", "10", "maintenance"),
                        new Explained.Line("max-expire-snapshots", "-", "no limit"))
                .contains(
                        new Explained.Line("min-data-files", "64", "flag --min-data-files"),
                        new Explained.Line("max-bytes", "10.0 GiB", "maintenance"),
                        new Explained.Line(
                                "target-file-size-bytes",
                                "-",
                                "table property write.target-file-size-bytes, else Iceberg default"),
                        new Explained.Line("verify", "columns", "default"));
        assertThat(explained.get(5).lines()).startsWith(new Explained.Line("exclude", "true", "rule \"lake.tmp.*\""));
        assertThat(explained.get(2).set().lines())
                .contains(new Explained.Line("min-data-files", "64", "flag --min-data-files"))
                .allMatch(line ->
                        !line.source().equals("default") && !line.value().equals("-"));
        assertThat(explained.get(4).set().lines())
                .startsWith(new Explained.Line("older-than", "3d", "rule \"lake.web.*\""))
                .allMatch(line -> line.source().equals("rule \"lake.web.*\""));
        assertThat(explained.get(5).set().lines())
                .containsExactly(new Explained.Line("exclude", "true", "rule \"lake.tmp.*\""));
    }

    @Test
    void explains_secrets_as_stars_and_names_where_they_come_from() {
        SinkConfig config = Written.load("""
                version: 1
                catalogs:
                  lake:
                    type: jdbc
                    uri: jdbc:postgresql://db.example.com/x?password=${PW}
                    warehouse: /w
                    jdbc.password: "id:${PW}"
                    token: abc
                    overrides:
                      s3.session-token: literal-token
                """, Map.of("PW", "hunter2"));

        List<Explained> explained = new PolicyResolver(config, Map.of(), Map.of(), NOW).explain();

        assertThat(explained.get(0).lines())
                .contains(
                        new Explained.Line(
                                "uri", "jdbc:postgresql://db.example.com/x?password=***", "sink.yaml:5 from ${PW}"),
                        new Explained.Line("jdbc.password", "***", "sink.yaml:7 from ${PW}"),
                        new Explained.Line("token", "***", "sink.yaml:8"),
                        new Explained.Line("overrides.s3.session-token", "***", "sink.yaml:10"));
        assertThat(config + config.catalogs().toString() + explained)
                .doesNotContain("hunter2")
                .doesNotContain("literal-token");
    }

    private static PolicyResolver resolver(String yaml, Map<String, String> flags) {
        return new PolicyResolver(Written.load(yaml), flags, Map.of(), NOW);
    }
}
