package lib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import lib.Sink.Ended;

/** What runs of the program say, in every way that they can: on their streams, and in each file that they write. */
public final class Said {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final List<String> texts = new ArrayList<>();

    /** Maintains with everything said that can be said, in one format for log and report. */
    public Ended maintain(Sink sink, String format, String... more) throws IOException, InterruptedException {
        List<String> args = new ArrayList<>(List.of(
                "maintain",
                "-vv",
                "--log-format",
                format,
                "--report",
                format,
                "--report-file",
                "report." + format,
                "--html",
                "page." + format,
                "--metrics-file",
                "metrics." + format,
                "--openlineage",
                "lineage." + format));
        args.addAll(List.of(more));
        Ended ended = by(sink.start(args.toArray(String[]::new)).ended(PATIENCE));
        for (String file : List.of("report.", "page.", "metrics.", "lineage.")) {
            Path written = sink.directory().resolve(file + format);
            if (Files.exists(written)) {
                texts.add(Files.readString(written));
            }
        }
        return ended;
    }

    /** Takes in what a run said on its streams, and gives the run back. */
    public Ended by(Ended ended) {
        texts.add(ended.stdout());
        texts.add(ended.stderr());
        return ended;
    }

    /** All of it, one text for each stream and file. */
    public List<String> texts() {
        return List.copyOf(texts);
    }

    /** A secret is nowhere, as it is and in base64, at each of the three places that it can have there. */
    public void assertWithout(String secret) {
        assertThat(texts).isNotEmpty();
        for (String text : texts) {
            assertThat(text).doesNotContain(secret);
            for (int shift = 0; shift < 3; shift++) {
                String encoded = Base64.getEncoder()
                        .encodeToString(("x".repeat(shift) + secret).getBytes(StandardCharsets.UTF_8));
                assertThat(text).doesNotContain(encoded.substring(4, 12));
            }
        }
    }
}
