package soak;

import io.sink.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A process that runs the program again and again on one table.
 *
 * @param directory has {@code sink.yaml}, and gets what the process writes
 * @param catalog the kind of catalog
 */
public record Soak(Path directory, String catalog) {
    private static final Path KEPT = Path.of(System.getProperty("sink.home", ""), "smoke/soak/parts.csv");
    /** Runs after which every kind of run has been there. */
    private static final int WARM = Soaker.LEAST - 2;

    /** What a part came to. */
    public record Result(long rounds, long landed, long lost) {}

    /**
     * Soaks for some seconds.
     *
     * @param seed of the writers
     * @param kept whether the part is added to those that are kept
     * @throws AssertionError if a run fails, or leaves more than another
     */
    public Result run(long seconds, long seed, boolean kept) throws IOException, InterruptedException {
        Path samples = directory.resolve("samples.csv");
        Path told = directory.resolve("soaker.txt");
        Instant begun = Instant.now(Clock.systemUTC()).truncatedTo(ChronoUnit.MINUTES);
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        Process process = JavaProcess.of(
                        List.of("-Xmx256m", "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + temporary),
                        Soaker.class.getName(),
                        List.of(
                                directory.resolve("sink.yaml").toString(),
                                directory.resolve("state").toString(),
                                Long.toString(seconds),
                                samples.toString()))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(told.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        if (process.waitFor() != 0) {
            throw new AssertionError(Files.readString(told));
        }
        List<Sample> all = Files.readAllLines(samples).stream().map(Sample::of).toList();
        held(all);
        Part part = Part.of(catalog, begun.toString(), seed, all);
        if (kept) {
            Parts.in(KEPT).plus(part).write(KEPT);
        }
        Sample last = all.get(all.size() - 1);
        return new Result(last.rounds(), last.landed(), last.lost());
    }

    /** Files are there or not: what is left of them after the first runs is all that may be left. */
    private static void held(List<Sample> all) {
        Sample early = all.get(WARM - 1);
        Sample last = all.get(all.size() - 1);
        if (last.temporary() > early.temporary() || last.state() > early.state()) {
            throw new AssertionError("files are left: " + early + ", and later " + last);
        }
    }
}
