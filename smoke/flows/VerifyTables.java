package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import lib.Lake;
import lib.Report;
import lib.Sink;
import lib.Sink.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table is verified before and after a compaction: its fingerprint stays. Then a file of it is lost, and is named.
 */
class VerifyTables {
    @TempDir
    Path directory;

    @Test
    void a_compaction_keeps_the_fingerprint_and_a_lost_file_is_named() throws IOException, InterruptedException {
        try (Lake lake = Lake.make(directory)) {
            lake.create("t", 3, Map.of())
                    .append(1, 2)
                    .appendAndDeleteFirst(3, 4)
                    .append(5)
                    .append(6)
                    .append(7);
            Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);
            String before = fingerprint(sink);
            Map<String, Long> untouched = Trees.contents(directory.resolve("lake/web"));

            sink.maintain("--compact", "--min-data-files", "2", "--min-input-files", "2");

            assertThat(Trees.contents(directory.resolve("lake/web"))).isNotEqualTo(untouched);
            assertThat(fingerprint(sink)).isEqualTo(before).hasSize(32);
            Path lost = lake.reader("t").reachable().stream()
                    .filter(file -> file.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            Files.delete(lost);
            Ended text = sink.run("verify", "--rows", "none");
            assertThat(text.exit()).isEqualTo(21);
            assertThat(text.stdout()).contains("verify-failed", "wrong: " + lost + " is missing");
        }
    }

    private static String fingerprint(Sink sink) throws IOException, InterruptedException {
        Report report = sink.run("verify", "--report", "json").report();
        assertThat(report.exit()).as(report.toString()).isZero();
        assertThat(report.action("lake.web.t", "verify").effect("rows_checked")).isPositive();
        var snapshots = report.action("lake.web.t", "verify").json().path("snapshots");
        return snapshots.get(snapshots.size() - 1).path("fingerprint").asText();
    }
}
