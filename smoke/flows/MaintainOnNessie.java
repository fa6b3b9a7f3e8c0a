package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sink.testing.SecondReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lib.Nessie;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import lib.Site;
import lib.Sites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A REST catalog by others, which keeps the history to itself: by hand, with {@code -Dsink.nessie=true}. */
class MaintainOnNessie {

    @TempDir
    Path directory;

    @Test
    void tables_that_share_their_files_are_not_expired_and_are_compacted_to_the_row() throws Exception {
        assumeTrue(Boolean.getBoolean("sink.nessie"), "fetches 245 MB: -Dsink.nessie=true runs it");
        Optional<Path> java = Nessie.java();
        assumeTrue(java.isPresent(), "Nessie needs Java 21, and there is none: -Dsink.java21=<home> names one");
        try (Site site = Sites.nessie(directory, java.orElseThrow())) {
            site.create("events", 2)
                    .append(1, 2)
                    .append(3, 3)
                    .appendAndDeleteFirst(4, 5, 6)
                    .append(7);
            SecondReader before = site.reader("events");
            List<String> rows = before.rows();
            Sink sink = site.sink(directory);

            Report planned = sink.maintain("--compact", "--dry-run");
            Report done = sink.maintain("--compact");
            Report again = sink.maintain("--compact");

            String table = site.fullName("events");
            Action expiry = done.action(table, "expire");
            Action compaction = done.action(table, "compact");
            System.out.println("MaintainOnNessie: " + expiry.json() + "\n" + compaction.json());
            assertThat(expiry.reason()).as("%s", done).isEqualTo("gc-disabled");
            assertThat(expiry.detail()).contains("gc.enabled");
            assertThat(planned.action(table, "compact").reason()).isEqualTo("would-compact");
            assertThat(compaction.reason()).as("%s", done).isEqualTo("compacted");
            assertThat(again.action(table, "compact").reason()).isIn("below-threshold", "nothing-to-rewrite");
            assertThat(done.exit()).isZero();
            assertThat(site.reader("events").rows()).isEqualTo(rows);
            assertThat(site.reader("events").reachable()).allMatch(Files::exists);
            assertThat(before.reachable()).allMatch(Files::exists);
        }
    }
}
