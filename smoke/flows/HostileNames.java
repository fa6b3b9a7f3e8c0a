package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.PathTable;
import java.io.IOException;
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
        Ended again = sink.run("maintain", "--compact", "-q", "--metrics-file", "sink.prom");

        assertThat(text.exit()).as("%s", text).isZero();
        assertThat(json.report().reasons().keySet())
                .as("JSON keeps the names as they are")
                .isEqualTo(new TreeSet<>(
                        NAMES.stream().map(name -> "lake.web." + name).toList()));
        assertThat(json.report().total("done")).isEqualTo(NAMES.size());
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
                    JsonNode event = JSON.readTree(line);
                    assertPlain("lineage", event.path("job").path("name").asText());
                });
    }

    private static void assertPage(String page) {
        assertPlain("page", page);
        assertThat(page)
                .doesNotContain("<script", "<img", "<a ", "href")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;", "\\u001b[31mred", "\\u202egnp", "n".repeat(300));
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
