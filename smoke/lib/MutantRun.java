package lib;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Compiles one file of the program with a fault, and runs one test with it in a process of its own. */
public final class MutantRun {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String CLASSES =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    private MutantRun() {}

    /**
     * What came of a mutant.
     *
     * @param caught whether the test failed
     * @param output of the compiler or of the test
     * @param took how long the test took
     */
    public record Result(boolean caught, String output, Duration took) {}

    /**
     * Tries a mutant on the test that it names.
     *
     * @param directory an existing empty one
     */
    public static Result of(Mutant mutant, Path directory) throws IOException, InterruptedException {
        return of(mutant, directory, mutant.test(), Map.of(), PATIENCE);
    }

    /**
     * Tries a mutant on any test.
     *
     * @param directory an existing empty one
     * @param test as {@code class#method}
     * @param properties of the process in which it runs
     * @param patience how long the test may take
     */
    public static Result of(
            Mutant mutant, Path directory, String test, Map<String, String> properties, Duration patience)
            throws IOException, InterruptedException {
        Path source = directory.resolve("source/io/sink").resolve(mutant.file());
        Path classes = Files.createDirectories(directory.resolve("classes"));
        Files.createDirectories(source.getParent());
        Files.writeString(source, mutant.changed(), UTF_8);
        String complaint = compile(source, classes);
        if (complaint != null) {
            return new Result(false, "does not compile: " + complaint, Duration.ZERO);
        }
        Path log = directory.resolve("log");
        long begin = System.nanoTime();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dsink.home=" + System.getProperty("sink.home", ""),
                "-Djava.io.tmpdir=" + Files.createDirectories(directory.resolve("tmp"))));
        properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-cp", classes + File.pathSeparator + CLASSES, OneTest.class.getName(), test));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        String output = Files.readString(log, UTF_8);
        return !ended
                ? new Result(false, "the test did not end within " + patience + "\n" + output, took)
                : new Result(process.exitValue() == OneTest.FAILED, output, took);
    }

    private static @Nullable String compile(Path source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaint = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
            boolean compiled = compiler.getTask(
                            complaint,
                            files,
                            null,
                            List.of(
                                    "-proc:none",
                                    "-nowarn",
                                    "-parameters",
                                    "--release",
                                    "17",
                                    "-cp",
                                    CLASSES,
                                    "-d",
                                    classes.toString()),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            return compiled ? null : complaint.toString();
        }
    }
}
