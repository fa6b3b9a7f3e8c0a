package flows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.Lake;
import lib.Sink;
import lib.Sink.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the pages on tasks, run page by page in the order in which it stands there. */
class TaskPagesAsTyped {
    private static final Path PAGES =
            Path.of(System.getProperty("sink.home", "")).resolve("src/docs");
    private static final Pattern BLOCK = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path directory;

    @Test
    void each_ends_well() throws IOException, InterruptedException {
        Path beginner = Files.createDirectory(directory.resolve("beginner"));
        Path operator = Files.createDirectory(directory.resolve("operator"));
        try (Lake lake = Lake.make(operator)) {
            lake.create("events", 2, Map.of()).append(1).append(2).append(3);
            Sink configured = Sink.in(operator).configured(Lake.CONFIGURATION);

            List<String> lines = lines();

            assertThat(lines).hasSizeGreaterThan(10);
            for (String line : lines) {
                // The demo's own folder is one that a beginner makes.
                Sink sink =
                        line.contains("demo lake") || line.contains("lake/sink.yaml") ? Sink.in(beginner) : configured;
                Ended ended = sink.run(
                        line.substring("sink ".length()).replace("'", "").split("\\s+"));
                assertThat(ended.exit()).as("%s: %s", line, ended).isZero();
            }
        }
        assertThat(operator.resolve("sink.prom")).isNotEmptyFile();
        assertThat(beginner.resolve("lake.html")).isNotEmptyFile();
    }

    private static List<String> lines() throws IOException {
        try (Stream<Path> pages = Files.list(PAGES)) {
            return pages.sorted().flatMap(TaskPagesAsTyped::lines).toList();
        }
    }

    private static Stream<String> lines(Path page) {
        try {
            return BLOCK
                    .matcher(Files.readString(page))
                    .results()
                    .flatMap(block -> block.group(1).lines())
                    .filter(line -> !line.isBlank())
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
