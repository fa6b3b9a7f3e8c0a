package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.IcebirdFixtures;
import io.sink.testing.IcebirdWriter;
import io.sink.testing.S3Server;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lib.Before;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exports that icebird wrote to a bucket expire and are compacted there, and icebird goes on with them. */
class MaintainIcebirdOnS3 {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_ID = 1L << 53;

    @TempDir
    Path directory;

    @Test
    void rows_and_conventions_stay_icebirds() throws Exception {
        IcebirdFixtures icebird = IcebirdFixtures.unpack(Files.createDirectory(directory.resolve("objects")));
        try (S3Server server = S3Server.start(directory)) {
            Sink sink = Sink.in(directory)
                    .configured("""
                    version: 1
                    catalogs:
                      exports:
                        type: path
                        warehouse: s3://exports/iceberg/datasets
                        blob-root: s3://exports
                        s3.endpoint: %s
                        s3.path-style-access: true
                        s3.access-key-id: ${S3_KEY_ID}
                        s3.secret-access-key: ${S3_SECRET}
                    maintenance:
                      expire: { older-than: 0s, retain-last: 3 }
                      compact: { min-data-files: 2, min-input-files: 2, verify: full }
                    """.formatted(server.properties().get("s3.endpoint")))
                    .with("S3_KEY_ID", S3Server.KEY_ID)
                    .with("S3_SECRET", S3Server.SECRET);
            Map<String, Before> before = new TreeMap<>();
            for (String name : IcebirdFixtures.TABLES_WITH_ROWS) {
                before.put(name, Before.of(icebird.directory(name), () -> reader(icebird, name), icebird::locate));
            }

            Report expired = sink.maintain();

            assertThat(expired.exit()).as("%s", expired).isZero();
            before.forEach((name, was) -> {
                assertThat(expired.action("exports." + name).reason()).isEqualTo("expired");
                was.assertMaintained(expired.action("exports." + name));
            });

            Report compacted = sink.maintain("--compact");

            assertThat(compacted.exit()).as("%s", compacted).isZero();
            for (String name : IcebirdFixtures.TABLES_WITH_ROWS) {
                assertThat(compacted.action("exports." + name, "compact").reason())
                        .as(name)
                        .isEqualTo(name.equals("events_v3_rewritten") ? "below-threshold" : "compacted");
                assertThat(reader(icebird, name).rows())
                        .as(name)
                        .isEqualTo(Files.readAllLines(icebird.expectedRows(name)));
                assertStillIcebirds(icebird, name);
            }

            try (IcebirdWriter writer = new IcebirdWriter(server, "exports", "iceberg/datasets/events_v2_session")) {
                assertThat(writer.append("by", "icebird")).isEqualTo(1);
            }
            assertThat(reader(icebird, "events_v2_session").rows())
                    .isEqualTo(Files.readAllLines(icebird.expectedRows("events_v2_session")));
        }
    }

    private static SecondReader reader(IcebirdFixtures icebird, String name) {
        try {
            return SecondReader.of(icebird.metadata(name), icebird::locate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertStillIcebirds(IcebirdFixtures icebird, String name) throws IOException {
        Path newest = icebird.metadata(name);
        JsonNode is = JSON.readTree(newest.toFile());
        assertThat(is.path("location").asText()).isEqualTo("blob://iceberg/datasets/" + name);
        is.path("snapshots").forEach(snapshot -> {
            assertThat(snapshot.path("snapshot-id").asLong()).isLessThan(LONGEST_ID);
            assertThat(snapshot.path("manifest-list").asText()).startsWith("blob://iceberg/datasets/" + name + "/");
        });
        assertThat(Files.readString(newest.resolveSibling("version-hint.text")))
                .isEqualTo(newest.getFileName().toString().replaceAll("\\D", ""));
        try (Stream<Path> files = Files.list(newest.getParent())) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(names).allMatch(file -> file.matches("v\\d+\\.metadata\\.json|version-hint\\.text|.*\\.avro"));
        }
    }
}
