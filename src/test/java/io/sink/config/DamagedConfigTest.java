package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.AnyDamage;
import io.sink.testing.Draws;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The examples, changed at random: each is read, or refused with problems at their places.
 *
 * <p>{@code -Dsink.cases} says how many.
 */
@ExtendWith(Seeds.Given.class)
class DamagedConfigTest {
    private static final int CASES = 1000;
    private static final Path EXAMPLES = Path.of(System.getProperty("sink.home", ""), "config-examples");

    /** What stands in a file that means something in YAML, or in a configuration. */
    private static final List<String> WORDS = List.of(
            "&a ",
            "*a",
            "<<: ",
            "!!",
            "!!binary ",
            "{",
            "[",
            "}",
            "]",
            "|",
            ">",
            "- ",
            "? ",
            ": ",
            "%YAML 1.1\n",
            "---\n",
            "\t",
            "\r",
            "\u0000",
            "\u0085",
            "\u2028",
            "\uFEFF",
            "\uD800",
            "\"",
            "'",
            "${",
            "}",
            "${A:-${A}}",
            "${file:/dev/null}",
            "1e999",
            "9".repeat(400),
            ".inf",
            "0x7fffffffffffffff",
            "P1D",
            "\n",
            "\n  ");

    @TempDir
    Path directory;

    @Test
    void each_is_read_or_refused_with_problems(Seeds seeds) throws Exception {
        List<byte[]> examples;
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            examples = files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .map(DamagedConfigTest::content)
                    .toList();
        }
        seeds.each("sink.cases", CASES, draws -> {
            byte[] changed = changed(examples.get(draws.nextInt(examples.size())), draws);
            Path file = Files.write(directory.resolve("sink.yaml"), changed);
            read(file);
        });
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static byte[] changed(byte[] example, Draws draws) {
        byte[] bytes = example;
        AnyDamage damage = new AnyDamage(draws, List.of());
        for (int i = 1 + draws.nextInt(3); i > 0; i--) {
            if (draws.nextBoolean()) {
                bytes = damage.bytes(bytes);
            } else {
                String text = new String(bytes, StandardCharsets.UTF_8);
                int at = draws.nextInt(text.length() + 1);
                bytes = (text.substring(0, at) + WORDS.get(draws.nextInt(WORDS.size())) + text.substring(at))
                        .getBytes(StandardCharsets.UTF_8);
            }
        }
        return bytes;
    }

    /** Nothing else may come of it than a configuration, or problems that name the file. */
    private static void read(Path file) {
        try {
            assertThat(ConfigLoader.load(file, Map.of(), Written.CLOCK)).isNotNull();
        } catch (ConfigException refused) {
            assertThat(String.valueOf(refused.getMessage()).lines())
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith(file + ":"))
                    .allMatch(line -> line.codePoints().noneMatch(Character::isISOControl));
        }
    }

    private static Stream<String> bombs() {
        String laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
                + Stream.iterate(1, i -> i + 1)
                        .limit(40)
                        .map(i -> "a%d: &a%d [%s]%n"
                                .formatted(i, i, "*a%d,".formatted(i - 1).repeat(9)))
                        .reduce("", String::concat);
        return Stream.of(
                laughs,
                "version: 1\ncatalogs: " + "[".repeat(200_000),
                "version: 1\ncatalogs: " + "{a: ".repeat(100_000),
                "- ".repeat(100_000),
                "? ".repeat(100_000),
                "version: 1\ncatalogs:\n  " + "x".repeat(20 << 20) + ": { type: path }\n",
                "version: 1\n" + "k: v\n".repeat(1 << 20),
                "version: " + "${A:-".repeat(50_000),
                "#" + "x".repeat(20 << 20));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    @Timeout(60)
    void a_bomb_is_refused(String bomb) throws IOException {
        Path file = Files.writeString(directory.resolve("sink.yaml"), bomb);

        read(file);

        assertThat(Written.problems(bomb)).isNotEmpty();
    }
}
