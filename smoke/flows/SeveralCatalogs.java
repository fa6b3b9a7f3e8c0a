package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Postgres;
import io.sink.testing.RestServer;
import io.sink.testing.TokenIssuer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lib.Before;
import lib.Lake;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Catalogs that are down or refuse the credentials, beside one that is well: it is maintained, and the rest is told.
 */
class SeveralCatalogs {
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              down: { type: rest, uri: "http://127.0.0.1:9" }
              refusing: { type: rest, uri: "%s", credential: "sink:wrong-secret", oauth2-server-uri: "%s" }
              lake: { type: jdbc, uri: "jdbc:sqlite:./lake/catalog.db", warehouse: ./lake }
              gone: { type: jdbc, uri: "jdbc:postgresql://127.0.0.1:9/lake", warehouse: ./lake, jdbc.user: %s }
            maintenance:
              expire: { older-than: 0s, retain-last: 2 }
            """;

    @TempDir
    Path directory;

    private Lake lake;
    private RestServer refusing;
    private Sink sink;

    @BeforeEach
    void serve() throws IOException {
        lake = Lake.make(directory);
        refusing = RestServer.guarded(lake.catalog(), new TokenIssuer("sink", "right", Duration.ofMinutes(1)));
        sink = Sink.in(directory)
                .configured(CONFIGURATION.formatted(refusing.uri(), refusing.tokenUri(), Postgres.USER));
    }

    @AfterEach
    void close() {
        refusing.close();
        lake.close();
    }

    @Test
    void the_one_that_is_well_is_maintained_and_the_others_are_told() throws IOException, InterruptedException {
        lake.create("events", 2, Map.of()).append(1).replace(2).append(3).append(4);
        Before before = lake.before("events");

        Report report = sink.maintain();

        assertThat(report.exit()).as("%s", report).isEqualTo(20);
        assertThat(report.reasons())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "lake.web.events", "expired",
                        "down", "catalog-unreachable",
                        "gone", "catalog-unreachable",
                        "refusing", "permission-denied"));
        before.assertMaintained(report.action("lake.web.events"));
    }

    @Test
    void where_none_could_be_looked_at_it_is_22_and_where_one_was_empty_20() throws IOException, InterruptedException {
        assertThat(sink.maintain("down", "gone", "refusing").exit()).isEqualTo(22);
        assertThat(sink.maintain("down", "lake").exit()).isEqualTo(20);
        assertThat(sink.maintain("lake").exit()).isEqualTo(12);
    }
}
