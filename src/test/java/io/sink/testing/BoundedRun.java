package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A run of the program in a process of 256 MiB, which an out-of-memory would end.
 *
 * @param exit its status
 * @param reasons what came of each table: the reasons of its actions by the table's name, without the catalog's; none
 *     if there was not enough memory
 * @param errors what it wrote to standard error
 */
public record BoundedRun(int exit, Map<String, Set<String>> reasons, String errors) {
    /** The status of a JVM that ended since it had no memory. */
    public static final int OUT_OF_MEMORY = 3;

    private static final int MINUTES = 5;

    /**
     * Expires and compacts all tables of the warehouse {@code w} below a directory.
     *
     * @param deadline as {@code --deadline} takes it
     */
    public static BoundedRun maintain(Path directory, String deadline) throws IOException, InterruptedException {
        return maintain(directory, List.of("--deadline", deadline));
    }

    /**
     * Expires and compacts all tables of the warehouse {@code w} below a directory, unless the arguments say more.
     *
     * @param more further arguments
     */
    public static BoundedRun maintain(Path directory, List<String> more) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("sink.yaml"), """
                version: 1
                catalogs:
                  paths: { type: path, warehouse: ./w }
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                  compact: { min-data-files: 2, min-input-files: 2 }
                """);
        Path out = directory.resolve("out.json");
        Path err = directory.resolve("err.txt");
        ProcessBuilder builder = JavaProcess.of(
                        List.of(
                                "-Xmx256m",
                                "-XX:+ExitOnOutOfMemoryError",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Duser.home=" + directory),
                        Main.class.getName(),
                        Stream.concat(Stream.of("maintain", "--compact", "--report", "json"), more.stream())
                                .toList())
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("XDG_STATE_HOME", directory.resolve("state").toString());
        Process process = builder.start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("it does not end: " + Files.readString(err));
        }
        // The report of a process that died ends where it will.
        return new BoundedRun(
                process.exitValue(),
                process.exitValue() == OUT_OF_MEMORY ? Map.of() : reasons(out),
                Files.readString(err));
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
}
