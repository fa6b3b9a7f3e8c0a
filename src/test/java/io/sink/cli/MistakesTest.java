package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Captured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mistakes that people make in their first hour: each is answered with the thing, its value and what to do, in a few
 * lines, and nothing is begun.
 */
class MistakesTest {
    private static final String GOOD = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./none.db", warehouse: ./w }
            """;

    @TempDir
    Path directory;

    /**
     * @param name what somebody did
     * @param yaml the configuration; null for none
     * @param args the command line, to which the configuration is added
     * @param exit with what it ends
     * @param said what stands in its message: the thing, the value, what to do
     */
    private record Mistake(String name, @Nullable String yaml, List<String> args, int exit, List<String> said) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Mistake written(String name, String yaml, String... said) {
        return new Mistake(name, yaml, List.of("check"), 10, List.of(said));
    }

    private static Mistake typed(String line, String... said) {
        return new Mistake(line, GOOD, List.of(line.split(" ")), 2, List.of(said));
    }

    static Stream<Mistake> mistakes() {
        return Stream.of(
                written("an empty file", "", "empty", "version and catalogs"),
                written("a later version", GOOD.replace("version: 1", "version: 2"), "version", "2", "1"),
                written("no version", GOOD.replace("version: 1\n", ""), "version", "version: 1"),
                written("a part misspelt", GOOD + "maintainance:\n  expire: {}\n", "maintainance", "maintenance"),
                written("a setting misspelt", GOOD + expire("older_then: 5d"), "older_then", "older-than"),
                written("an age in words", GOOD + expire("older-than: 5 days"), "older-than", "5 days", "5d"),
                written("an age without a unit", GOOD + expire("older-than: 5"), "older-than", "5", "5d"),
                written(
                        "a date without a time",
                        GOOD + expire("older-than: 2026-11-01"),
                        "older-than",
                        "2026-11-01",
                        "2026-11-01T00:00:00Z"),
                written("a moment to come", GOOD + expire("older-than: 2999-01-01T00:00:00Z"), "2999-01-01", "future"),
                written("none to retain", GOOD + expire("retain-last: 0"), "retain-last", "0", "1"),
                written("a number in words", GOOD + expire("retain-last: ten"), "retain-last", "ten", "whole number"),
                written("a share above all", GOOD + expire("max-expire-bytes-percent: 110"), "110", "100"),
                written("a size in words", GOOD + compact("max-bytes: 10 gigs"), "max-bytes", "10 gigs", "GiB"),
                written("a proof that there is not", GOOD + compact("verify: fast"), "verify", "fast", "counts"),
                written("a truth that is none", GOOD + compact("enabled: maybe"), "enabled", "maybe", "true"),
                written("a part that is no mapping", GOOD + "maintenance:\n  compact: true\n", "compact", "mapping"),
                written("half a predicate", GOOD + compact("where: day(ts) <"), "where", "day(ts) <"),
                written("a catalog of no type", GOOD.replace("type: jdbc, ", ""), "lake", "type", "rest"),
                written("a type misspelt", GOOD.replace("type: jdbc", "type: jbdc"), "jbdc", "jdbc"),
                written("a path without a warehouse", catalogs("lake: { type: path }"), "lake", "warehouse"),
                written("catalogs as a list", "version: 1\ncatalogs:\n  - lake\n", "catalogs", "mapping"),
                written("no catalog at all", "version: 1\n", "catalogs"),
                written("a catalog with a dot", catalogs("my.lake: { type: path, warehouse: ./w }"), "my.lake", "."),
                written(
                        "a variable that is not set",
                        catalogs("lake: { type: rest, uri: \"${NO_SUCH_URI}\" }"),
                        "NO_SUCH_URI",
                        "not set"),
                written(
                        "a file that is not there",
                        catalogs("lake: { type: rest, uri: \"${file:no-such}\" }"),
                        "no-such"),
                written(
                        "a reference that is not closed",
                        catalogs("lake: { type: rest, uri: \"${LAKE\" }"),
                        "catalogs.lake.uri",
                        "${ without its }",
                        "$${"),
                written("the same twice", GOOD + "version: 1\n", "version", "duplicate", "line 1"),
                written("a tab", "version: 1\ncatalogs:\n\tlake: {}\n", "TAB", "Do not use"),
                written("a rule of nothing", GOOD + "tables:\n  - exclude: true\n", "match"),
                written(
                        "a rule for a catalog that there is not",
                        GOOD + "tables:\n  - { match: \"lak.*\", exclude: true }\n",
                        "lak",
                        "lake"),
                written("an exclusion misspelt", GOOD + rule("excluded: true"), "excluded", "exclude"),
                written("an exclusion that is no truth", GOOD + rule("exclude: yes"), "exclude", "yes", "true"),
                written("no table at once", GOOD + "run: { parallel: 0 }\n", "parallel", "0", "1"),
                written(
                        "a deadline that is none",
                        GOOD + "run: { deadline: tomorrow }\n",
                        "deadline",
                        "tomorrow",
                        "2h"),
                new Mistake("no file", null, List.of("check"), 10, List.of("sink.yaml", "correct the path")),
                typed("maintian", "maintian", "maintain"),
                typed("maintain --where day(ts)<'2026-11-01'", "--where", "--compact"),
                written("PyIceberg's type", GOOD.replace("type: jdbc", "type: sql"), "sql", "type: jdbc"),
                typed("compact", "compact", "sink maintain --compact"),
                typed("expire lake.web.events", "expire", "sink maintain"),
                typed("list", "list", "sink tables"),
                typed("-v maintain", "-v", "after the command"),
                typed("rollback lake.web.events --to latest", "--to", "latest", "whole number"),
                typed("inspect --top ten", "--top", "ten", "whole number"),
                typed("maintain --compakt", "--compakt", "--compact"),
                typed("maintain --older-than 5", "--older-than", "5", "5d"),
                typed("maintain --max-bytes lots", "--max-bytes", "lots", "GiB"),
                typed("maintain --report xml", "--report", "xml", "json"),
                typed("maintain nolake.web.events", "nolake.web.events", "lake"),
                typed("maintain --fail-on conflict", "--fail-on", "conflict", "commit-conflict"),
                typed("maintain --shard 0/4", "--shard", "0/4", "1/16"),
                typed("maintain --run-id a/b", "--run-id", "a/b", "letters"),
                typed("maintain --only-problems --report json", "--only-problems", "json", "--report-file"),
                typed("maintain --compact --where day(ts", "--where", "day(ts"),
                typed("rollback lake.web.events", "--to"),
                typed("report merge no-such.json", "no-such.json"));
    }

    private static String catalogs(String catalog) {
        return "version: 1\ncatalogs:\n  " + catalog + "\n";
    }

    private static String expire(String setting) {
        return "maintenance:\n  expire:\n    " + setting + "\n";
    }

    private static String compact(String setting) {
        return "maintenance:\n  compact:\n    " + setting + "\n";
    }

    private static String rule(String setting) {
        return "tables:\n  - match: \"lake.web.*\"\n    " + setting + "\n";
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void is_answered_with_the_thing_its_value_and_what_to_do(Mistake mistake) throws IOException {
        Path file = directory.resolve("sink.yaml");
        if (mistake.yaml() != null) {
            Files.writeString(file, mistake.yaml());
        }
        List<String> args = new ArrayList<>(mistake.args());
        if (!mistake.args().get(0).equals("report") && !mistake.name().equals("maintian")) {
            args.addAll(List.of("-c", file.toString()));
        }

        Captured said = Captured.of(args.toArray(String[]::new));

        assertThat(said.exit()).as("%s", said).isEqualTo(mistake.exit());
        assertThat(said.stdout()).as("%s", said).isEmpty();
        assertThat(said.stderr()).contains(mistake.said()).doesNotContain("Exception", "\tat ");
        assertThat(said.stderr().lines().filter(line -> !line.isBlank())).hasSizeBetween(1, 4);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).as("nothing is begun").allMatch(file::equals);
        }
    }
}
