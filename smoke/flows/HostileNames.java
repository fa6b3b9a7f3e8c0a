package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.PathTable;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import lib.Lake;
import lib.LakeTable;
import lib.Sink;
import lib.Sink.Ended;
import org.apache.iceberg.PartitionSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose names attack whoever reads of them are maintained, and harm nobody in any output. */
class HostileNames {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> NAMES = List.of(
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "\u001b[31mred\u001b[2J\u009b1A",
            "two\nlines\r\nsink_run_exit_code{command=\"maintain\"} 0",
            "n".repeat(300),
            "\u202egnp\u2066\u200b",
            "back\\slash \"quoted\" ${jndi:ldap://x} %s {}");

    @TempDir
    Path directory;

    private Lake lake;

    @BeforeEach
    void make_tables() throws IOException {
        lake = Lake.make(directory);
        for (int i = 0; i < NAMES.size(); i++) {
            // the names are the catalog's; what a path may hold is another matter
            String location = lake.directory().resolve("table-" + i).toString();
            new LakeTable(lake.catalog()
                            .createTable(
                                    Lake.id(NAMES.get(i)),
                                    PathTable.SCHEMA,
                                    PartitionSpec.unpartitioned(),
                                    location,
                                    Map.of("format-version", "2")))
                    .append(1)
                    .append(2)
                    .replace(3);
        }
        lake.close();
    }

    @Test
    void are_harmless_in_text_json_page_metrics_lineage_and_log() throws IOException, InterruptedException {
        Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);

        Ended text = sink.run("maintain", "--dry-run", "-vv");
        Ended json = sink.run(
                "maintain",
                "--compact",
                "-v",
                "--log-format",
                "json",
                "--report",
                "json",
                "--html",
                "page.html",
                "--metrics-file",
                "sink.prom",
                "--openlineage",
                "lineage.ndjson");
        Ended lines = sink.run("inspect", "--report", "ndjson");
        Ended document = sink.run("tables", "--report", "json");
        Ended listed = sink.run("tables");
        Ended again = sink.run("maintain", "--compact", "-q", "--metrics-file", "sink.prom");

        assertThat(text.exit()).as("%s", text).isZero();
        assertThat(json.report().reasons().keySet())
                .as("JSON keeps the names as they are")
                .isEqualTo(new TreeSet<>(
                        NAMES.stream().map(name -> "lake.web." + name).toList()));
        assertThat(json.report().total("done")).isEqualTo(NAMES.size());
        assertPlain("JSON", json.stdout());
        assertPlain("JSON log", json.stderr());
        assertThat(json.stderr()).contains("\\u202Egnp");
        assertPlain("NDJSON", lines.stdout());
        assertPlain("list as JSON", document.stdout());
        assertPlain("list", listed.stdout());
        assertThat(JSON.readTree(document.stdout()).path("tables").findValuesAsText("table"))
                .containsExactlyInAnyOrderElementsOf(
                        NAMES.stream().map(name -> "lake.web." + name).toList());
        assertPlain("text", text.stdout());
        assertPlain("log", text.stderr());
        assertThat(text.stdout().lines().filter(line -> line.contains("would-expire  ")))
                .as("one line for each table")
                .hasSize(NAMES.size());
        assertThat(json.stderr().lines())
                .as("%s", json.stderr())
                .isNotEmpty()
                .allSatisfy(line ->
                        assertThat(JSON.readTree(line).path("level").asText()).isIn("INFO", "WARN"));
        assertThat(again.exit()).isZero();
        assertPage(Files.readString(directory.resolve("page.html")));
        assertMetrics(Files.readString(directory.resolve("sink.prom")));
        assertThat(Files.readAllLines(directory.resolve("lineage.ndjson")))
                .hasSize(2 + 2 * NAMES.size())
                .allSatisfy(line -> {
                    assertPlain("lineage", line);
                    JsonNode event = JSON.readTree(line);
                    assertPlain("lineage", event.path("job").path("name").asText());
                });
    }

    /** In a terminal that {@code script} of util-linux makes, where it is installed. */
    @ParameterizedTest
    @ValueSource(ints = {80, 120})
    void fit_a_terminal(int columns) throws IOException, InterruptedException {
        assumeThat(Path.of("/usr/bin/script")).exists();
        ProcessBuilder typed = Sink.in(directory)
                .configured(Lake.CONFIGURATION)
                .with("TERM", "xterm")
                .prepared("inspect", "2>progress");
        typed.command("script", "-qec", "stty cols " + columns + "; " + String.join(" ", typed.command()), "/dev/null");
        Path screen = directory.resolve("screen");

        int exit = typed.redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(screen.toFile())
                .start()
                .waitFor();

        String shown = Files.readString(screen).replace("\r\n", "\n");
        String plain = shown.replaceAll("\u001b\\[[0-9;]*m", "");
        assertThat(exit).as(shown).isZero();
        assertThat(shown).contains("\u001b[36mplanned\u001b[0m");
        assertPlain("screen", plain);
        assertThat(plain.lines())
                .allMatch(line -> line.length() <= columns)
                .anyMatch(line -> line.length() > columns - 9);
        assertThat(plain.replaceAll("\\s", "")).contains("lake.web." + "n".repeat(300));
    }

    private static void assertPage(String page) {
        assertPlain("page", page);
        assertThat(page)
                .doesNotContain("<script", "<img")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;", "\\u001b[31mred", "\\u202egnp", "n".repeat(300));
        // It leads nowhere but to the tables of an outcome on the page itself.
        assertThat(page.replaceAll("<a href=\"#(done|planned|skipped|deferred|failed)\">", ""))
                .doesNotContain("<a ", "href");
    }

    /** Carried over once, too: what is read back of the first file's labels is what was written. */
    private static void assertMetrics(String metrics) {
        assertPlain("metrics", metrics);
        assertThat(metrics.lines())
                .allMatch(line -> line.matches("# .*|[a-z_]+\\{([a-z]+=\"([^\"\\\\]|\\\\[\\\\\"n])*\",?)*} \\S+"));
        assertThat(metrics.lines().filter(line -> line.startsWith("sink_run_exit_code")))
                .hasSize(1);
        assertThat(metrics.lines()
                        .filter(line -> line.startsWith("sink_table_last_success_timestamp_seconds{action=\"expire\"")))
                .hasSize(NAMES.size());
    }

    /** Nothing that moves a cursor, hides or turns the writing. */
    private static void assertPlain(String what, String text) {
        assertThat(text.codePoints().filter(c -> c != '\n')).as(what).noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        });
    }
}
