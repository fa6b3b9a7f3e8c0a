package lib;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The class path of an engine that flows run in a JVM of its own, and one class that is compiled against it.
 *
 * <p>Maven resolves it once, from a POM below {@code smoke/lib}; the results are in {@code target}.
 *
 * @param name of the engine and its version, by which files in {@code target} are called
 * @param source the directory that holds {@code pom.xml} and the class
 * @param main the class
 * @param options of Maven
 */
record EngineClassPath(String name, Path source, String main, List<String> options) {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();
    private static final Path TARGET = HOME.resolve("target");
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final int TAIL = 40;

    EngineClassPath {
        options = List.copyOf(options);
    }

    /** An engine whose POM and class are in a directory of {@code smoke/lib}. */
    static EngineClassPath of(String name, String directory, String main, String... options) {
        return new EngineClassPath(name, HOME.resolve("smoke/lib").resolve(directory), main, List.of(options));
    }

    /** What follows {@code -cp}. */
    String resolved() throws IOException, InterruptedException {
        synchronized (EngineClassPath.class) {
            String classPath = Files.readString(classPath()).strip();
            return compiled(classPath) + File.pathSeparator + classPath;
        }
    }

    /** The directory that holds the class, compiled anew when its source is younger. */
    private Path compiled(String classPath) throws IOException, InterruptedException {
        Path java = source.resolve(main + ".java");
        Path directory = TARGET.resolve(name + "-classes");
        Path compiled = directory.resolve(main + ".class");
        if (isOlder(compiled, java)) {
            Files.createDirectories(directory);
            finish(
                    List.of(
                            Path.of(System.getProperty("java.home"), "bin", "javac")
                                    .toString(),
                            "-proc:none",
                            "-cp",
                            classPath,
                            "-d",
                            directory.toString(),
                            java.toString()),
                    directory.resolve("javac.log"),
                    PATIENCE);
        }
        return directory;
    }

    /** The file that holds the class path, resolved anew when the POM is younger. */
    private Path classPath() throws IOException, InterruptedException {
        Path pom = source.resolve("pom.xml");
        Path resolved = TARGET.resolve(name + ".classpath");
        if (isOlder(resolved, pom)) {
            Path fresh = Path.of(resolved + ".new");
            List<String> command = new ArrayList<>(List.of(
                    "mvn",
                    "-q",
                    "-B",
                    "-f",
                    pom.toString(),
                    "dependency:build-classpath",
                    "-Dmdep.outputFile=" + fresh));
            command.addAll(options);
            finish(command, Path.of(resolved + ".log"), PATIENCE);
            Files.move(fresh, resolved, StandardCopyOption.REPLACE_EXISTING);
        }
        return resolved;
    }

    private static boolean isOlder(Path file, Path than) throws IOException {
        return !Files.exists(file) || Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(than)) < 0;
    }

    /**
     * Runs a command to its end.
     *
     * @throws IllegalStateException with the tail of the log if it does not end well, or in time
     */
    static void finish(List<String> command, Path log, Duration patience) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(command.get(0) + " did not end in " + patience + tail(log));
            }
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException(command.get(0) + " ended with " + process.exitValue() + tail(log));
        }
    }

    /** The last lines of a log. */
    static String tail(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return ":\n" + String.join("\n", all.subList(Math.max(0, all.size() - TAIL), all.size()));
        }
    }
}
