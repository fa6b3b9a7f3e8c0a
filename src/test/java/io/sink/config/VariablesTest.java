package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariablesTest {

    @Test
    void a_variable_that_is_no_setting_is_told_with_the_nearest_one_and_without_its_value() {
        assertThat(unknown("SINK_DEADLNE"))
                .containsExactly(
                        "the environment variable SINK_DEADLNE is no setting, and ${SINK_DEADLNE} is not in the"
                                + " configuration: did you mean SINK_DEADLINE?");
        assertThat(unknown("SINK_OLDER_THEN")).singleElement().asString().endsWith("did you mean SINK_OLDER_THAN?");
        assertThat(unknown("SINK_QQQQQQQQQQQQQQQQ"))
                .singleElement()
                .asString()
                .endsWith("unset it; sink check lists the settings");
        assertThat(unknown("SINK_DEADLNE").toString()).doesNotContain("1h");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SINK_DEADLINE",
                "SINK_STRICT",
                "SINK_ORPHANS_OLDER_THAN",
                "SINK_CONFIG",
                "SINK_JAVA_OPTS",
                "SINK_REFERRED",
                "SINK_SERVICE_HOST",
                "SINK_SERVICE_PORT",
                "SINK_SERVICE_PORT_HTTP",
                "SINK_PORT",
                "SINK_PORT_8080_TCP",
                "SINK_PORT_8080_TCP_PROTO",
                "SINK_PORT_53_UDP_ADDR",
                "SINK_UI_SERVICE_HOST",
                "SINK_UI_2_PORT_8080_TCP_PORT",
                "SINKHOLE",
                "PATH"
            })
    void settings_references_and_what_kubernetes_sets_are_known(String name) {
        assertThat(unknown(name)).isEmpty();
    }

    /** So that a variable which the program or its start script reads is not called unknown. */
    @Test
    void every_variable_of_program_and_start_script_is_known() throws IOException {
        Path home = Path.of(System.getProperty("sink.home", ""));
        try (Stream<Path> sources = Stream.concat(
                Files.walk(home.resolve("src/main/java"))
                        .filter(file -> file.toString().endsWith(".java")),
                Files.list(home.resolve("bin")))) {
            List<String> named = sources.filter(file -> !file.endsWith("Variables.java"))
                    .flatMap(file -> Pattern.compile("\\bSINK_[A-Z_]+\\b")
                            .matcher(read(file))
                            .results())
                    .map(match -> match.group())
                    .distinct()
                    .toList();

            assertThat(named)
                    .contains("SINK_JAVA_OPTS", "SINK_CONFIG")
                    .allSatisfy(name -> assertThat(unknown(name)).isEmpty());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> unknown(String name) {
        Map<String, String> env = new HashMap<>(Map.of("SINK_REFERRED", "x"));
        env.put(name, "1h");
        String yaml = Written.HEAD + "tables: [ { match: \"lake.${SINK_REFERRED}.*\" } ]\n";
        return Variables.unknown(env, Written.load(yaml, env));
    }
}
