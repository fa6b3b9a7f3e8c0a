package lib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Flink with Iceberg's runtime, in a JVM of its own, which streams into tables of a catalog; Maven fetches its 180 MB
 * once. The class {@code FlinkStream} beside its POM, in {@code smoke/lib/flink}, says what it writes.
 */
public final class Flink implements AutoCloseable {
    private static final EngineClassPath CLASS_PATH = EngineClassPath.of("flink-2.1", "flink", "FlinkStream");
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Process process;
    private final Path log;

    private Flink(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts to stream.
     *
     * @param work an existing directory for its log and its scratch files
     * @param catalog properties of the catalog
     * @param rows numbers that are streamed
     * @param perSecond so many of them in a second
     * @param untilFailure so many of them until the job fails, again and again
     */
    public static Flink start(Path work, Map<String, String> catalog, long rows, int perSecond, long untilFailure)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx700m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                // without it a job is started again and again, and says nothing
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Djava.io.tmpdir=" + work,
                "-cp",
                CLASS_PATH.resolved(),
                "FlinkStream",
                Long.toString(rows),
                Integer.toString(perSecond),
                Long.toString(untilFailure)));
        catalog.forEach((key, value) -> command.add(key + "=" + value));
        Path log = work.resolve("flink.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Flink(process, log);
    }

    /** Whether it has rows left to write. */
    public boolean isAtWork() {
        return process.isAlive();
    }

    /**
     * Waits until every row is written and committed.
     *
     * @return where it failed on the way
     * @throws IllegalStateException with the tail of its log if it fails
     */
    public String ended() throws IOException, InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException("Flink did not end well" + EngineClassPath.tail(log));
        }
        return Files.readAllLines(log).stream()
                .filter(line -> line.startsWith("failed at "))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
