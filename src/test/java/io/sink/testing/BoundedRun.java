package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run of the program in a process of 256 MiB, which an out-of-memory would end.
 *
 * @param exit its status
 * @param reasons what came of each table: the reasons of its actions by the table's name, without the catalog's
 * @param errors what it wrote to standard error
 */
public record BoundedRun(int exit, Map<String, Set<String>> reasons, String errors) {
    private static final int MINUTES = 5;

    /**
     * Expires and compacts all tables of the warehouse {@code w} below a directory.
     *
     * @param deadline as {@code --deadline} takes it
     */
    public static BoundedRun maintain(Path directory, String deadline) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("sink.yaml"), """
                version: 1
                catalogs:
                  paths: { type: path, warehouse: ./w }
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                  compact: { min-data-files: 2, min-input-files: 2 }
                """);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Duser.home=" + directory,
                "-cp",
                classPath(),
                "io.sink.Main"));
        command.addAll(List.of("maintain", "--compact", "--deadline", deadline, "--report", "json"));
        Path out = directory.resolve("out.json");
        Path err = directory.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("XDG_STATE_HOME", directory.resolve("state").toString());
        Process process = builder.start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("it does not end: " + Files.readString(err));
        }
        return new BoundedRun(process.exitValue(), reasons(out), Files.readString(err));
    }

    private static Map<String, Set<String>> reasons(Path report) throws IOException {
        Map<String, Set<String>> reasons = new TreeMap<>();
        for (JsonNode table : new ObjectMapper().readTree(report.toFile()).path("tables")) {
            String name = table.path("table").asText().substring("paths.".length());
            table.path("actions")
                    .forEach(action -> reasons.computeIfAbsent(name, any -> new TreeSet<>())
                            .add(action.path("reason").asText()));
        }
        return reasons;
    }

    /** That of the test, whoever loads it. */
    private static String classPath() {
        Stream<String> entries = Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader
                ? Arrays.stream(loader.getURLs()).map(URL::getPath)
                : Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
        return entries.map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
