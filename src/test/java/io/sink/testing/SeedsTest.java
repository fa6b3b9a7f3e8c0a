package io.sink.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeedsTest {
    private static Seeds seeds(Map<String, String> properties) {
        return seeds("io.sink.compact.SomeTest", properties);
    }

    private static Seeds seeds(String testClass, Map<String, String> given) {
        Properties properties = new Properties();
        properties.putAll(given);
        return new Seeds(testClass, "keeps_rows", properties);
    }

    private static List<Long> drawn(Map<String, String> properties) throws Exception {
        List<Long> drawn = new ArrayList<>();
        seeds(properties).each("sink.cases", 5, draws -> drawn.add(draws.seed()));
        return drawn;
    }

    @Test
    void a_build_that_asks_for_nothing_draws_the_same_every_time() throws Exception {
        assertThat(drawn(Map.of())).hasSize(5).isEqualTo(drawn(Map.of())).startsWith(20261128L, 20261129L);
    }

    @Test
    void one_seed_is_one_case_unless_a_number_of_cases_is_given_too() throws Exception {
        assertThat(drawn(Map.of("sink.seed", "17"))).containsExactly(17L);
        assertThat(drawn(Map.of("sink.seed", "17", "sink.cases", "3"))).containsExactly(17L, 18L, 19L);
    }

    @Test
    void a_long_run_and_one_that_asks_for_it_draw_other_seeds() throws Exception {
        List<Long> asked = drawn(Map.of("sink.seed", "random"));
        List<Long> longRun = drawn(Map.of("sink.cases", "7"));
        List<Long> sized = new ArrayList<>();
        seeds(Map.of("sink.soak", "600")).once("sink.soak", draws -> sized.add(draws.seed()));

        assertThat(asked).hasSize(5).doesNotContain(20261128L);
        assertThat(longRun).hasSize(7).startsWith(asked.get(0));
        assertThat(sized).containsExactly(asked.get(0));
    }

    @Test
    void a_failure_of_a_dynamic_test_prints_its_seed_and_the_command_that_repeats_it() {
        List<DynamicTest> tests = seeds(
                        Map.of("sink.cases", "9", "sink.seed", "40", "sink.home", "/x", "sink.odd", "1"))
                .tests(5, draws -> assertThat(draws.seed()).isNotEqualTo(42));

        String said = standardError(() ->
                assertThatThrownBy(() -> tests.get(2).getExecutable().execute()).isInstanceOf(AssertionError.class));

        assertThat(tests).hasSize(9);
        assertThat(tests.get(2).getDisplayName()).isEqualTo("seed 42");
        assertThat(said)
                .contains("SomeTest#keeps_rows failed with seed 42")
                .contains("mvn -B test -Dtest=SomeTest#keeps_rows -Dsink.seed=42 -Dsink.odd=1")
                .doesNotContain("sink.cases", "sink.home");
    }

    @Test
    void a_flow_is_repeated_by_the_command_of_flows_with_its_size() {
        Seeds flow = seeds("flows.Killed", Map.of("sink.kills", "200"));

        String said = standardError(() -> assertThatThrownBy(() -> flow.once("sink.kills", draws -> {
                    throw new IOException("killed");
                }))
                .isInstanceOf(IOException.class));

        assertThat(said)
                .containsPattern("mvn -B verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Dit.test=Killed#keeps_rows -Dsink.seed=\\d+ -Dsink.kills=200");
    }

    @Test
    void seeds_that_lie_side_by_side_do_not_begin_alike() {
        long heads = Stream.iterate(1L, seed -> seed + 1)
                .limit(1_000)
                .filter(seed -> new Draws(seed).nextBoolean())
                .count();

        assertThat(heads).isBetween(400L, 600L);
    }

    /** Draws that hang on the clock make a build that fails on one machine and not on another. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "new Random\\(\\)",
                "new Random\\(System",
                "ThreadLocalRandom",
                "Math\\.random",
                "new SecureRandom",
                "\"sink\\.seed\"",
                "seed = System\\."
            })
    void no_test_and_no_flow_draws_seeds_of_its_own(String pattern) throws IOException {
        Pattern forbidden = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
        List<Path> found = new ArrayList<>();
        for (Path root : List.of(Path.of("src/test/java"), Path.of("smoke"))) {
            try (Stream<Path> sources = Files.walk(root)) {
                for (Path source : sources.filter(file -> file.toString().endsWith(".java"))
                        .toList()) {
                    if (forbidden.matcher(Files.readString(source)).find()) {
                        found.add(source.getFileName());
                    }
                }
            }
        }

        found.removeAll(List.of(Path.of("Seeds.java"), Path.of("SeedsTest.java")));
        assertThat(found).isEmpty();
    }

    private static String standardError(Runnable act) {
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            act.run();
        } finally {
            System.setErr(before);
        }
        return written.toString(StandardCharsets.UTF_8);
    }
}
