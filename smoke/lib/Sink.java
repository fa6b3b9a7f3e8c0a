package lib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The built program, started through {@code bin/sink} as a process of its own.
 *
 * <p>It runs in {@code directory}, where it finds {@code sink.yaml}; its home and its state lie below it, and of this
 * JVM's environment it sees the path to Java alone.
 *
 * @param directory an existing directory of the test's own
 * @param environment what the program sees besides
 */
public record Sink(Path directory, Map<String, String> environment) {
    /** {@code -Dsink.program} names the {@code bin/sink} of another build, to compare the two. */
    private static final Path PROGRAM = Path.of(System.getProperty("sink.home", ""))
            .resolve(System.getProperty("sink.program", "bin/sink"))
            .toAbsolutePath();

    public Sink {
        environment = Map.copyOf(environment);
    }

    /** A program with nothing in its environment. */
    public static Sink in(Path directory) {
        return new Sink(directory, Map.of());
    }

    /** Writes {@code sink.yaml} and gives the same program back. */
    public Sink configured(String yaml) throws IOException {
        Files.writeString(directory.resolve("sink.yaml"), yaml);
        return this;
    }

    /** The same program with one more variable in its environment. */
    public Sink with(String variable, String value) {
        Map<String, String> more = new TreeMap<>(environment);
        more.put(variable, value);
        return new Sink(directory, more);
    }

    /** The start script. */
    public static Path program() {
        return PROGRAM;
    }

    /** Runs a command line to its end. */
    public Ended run(String... args) throws IOException, InterruptedException {
        return start(args).ended();
    }

    /**
     * Runs {@code maintain --report json} with these arguments to its end.
     *
     * @throws AssertionError if stdout is not one report that its schema allows, or tells another exit code
     */
    public Report maintain(String... args) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("maintain", "--report", "json"));
        all.addAll(Arrays.asList(args));
        return run(all.toArray(String[]::new)).report();
    }

    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }

    /** Starts a command line and does not wait for it. */
    public Running start(String... args) throws IOException {
        return new Running(prepared(args).start());
    }

    /** A command line that is ready to be started. */
    public ProcessBuilder prepared(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        if (ignoresInterrupts()) {
            // Started in the background, this process ignores SIGINT, and its children would inherit that.
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.add(PROGRAM.toString());
        command.addAll(Arrays.asList(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        Map<String, String> env = builder.environment();
        env.clear();
        env.put("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
        env.put("JAVA_HOME", System.getProperty("java.home"));
        env.put("SINK_NO_BUILD", "1");
        env.put("HOME", directory.resolve("home").toString());
        env.put("XDG_STATE_HOME", directory.resolve("state").toString());
        env.put("LC_ALL", "C.UTF-8");
        env.putAll(environment);
        return builder;
    }

    /** What a finished process left: its status and what it said. */
    public record Ended(int exit, String stdout, String stderr) {

        /** The report that stdout holds. */
        public Report report() {
            return Report.of(this);
        }
    }
}
