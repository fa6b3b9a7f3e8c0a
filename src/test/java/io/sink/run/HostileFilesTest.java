package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.HostileFiles;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import java.io.File;
import java.io.IOException;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables of which one file claims what is not so, beside two that are sound, in a process of 256 MiB that an
 * out-of-memory would end: each has a reason of its own, and the sound ones are done.
 */
class HostileFilesTest {
    /** What is said of a table of which something cannot be read. */
    private static final Set<String> REASONS = Set.of(
            "metadata-unreadable", "storage-error", "expire-error", "rewrite-error", "memory-budget", "above-byte-cap");

    /** Claims that nobody goes by: what is done with these tables is right. */
    private static final Set<String> HARMLESS = Set.of(
            "list-counts-of-giga",
            "manifest-of-bytes-below-zero",
            "manifest-of-nested-schema",
            "metadata-of-nested-types");

    private static final int SOME = 20;

    /** {@code -Dsink.hostile.deadline=30s} on a machine that has nothing else to do. */
    private static final String DEADLINE = System.getProperty("sink.hostile.deadline", "10m");

    @TempDir
    Path directory;

    @Test
    void each_is_a_reason_of_its_own_table_and_the_sound_ones_are_done() throws Exception {
        Path warehouse = Files.createDirectory(directory.resolve("w"));
        List<String> sound = List.of("a-sound", "z-sound");
        for (String name : sound) {
            PathTable table = PathTable.create(warehouse, name, 2, Map.of());
            table.append(1);
            table.append(2);
            table.append(3);
        }
        List<String> hostile = HostileFiles.make(warehouse);
        assertThat(hostile).hasSizeGreaterThanOrEqualTo(60).doesNotHaveDuplicates();

        Map<String, Set<String>> reasons = maintained();

        for (String name : sound) {
            assertThat(reasons.get(name)).as(name).containsExactlyInAnyOrder("expired", "compacted");
            assertThat(PathWarehouse.local(warehouse).reader(name).rows())
                    .as(name)
                    .hasSize(3);
        }
        Set<String> wrong = new TreeSet<>();
        for (String name : hostile) {
            Set<String> of = reasons.getOrDefault(name, Set.of());
            if (!HARMLESS.contains(name) && of.stream().noneMatch(REASONS::contains) || of.contains("internal-error")) {
                wrong.add(name + " " + of);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(reasons).hasSize(hostile.size() + sound.size());
    }

    /** That of this test, whoever loads it. */
    private static String classPath() {
        return Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader
                ? Arrays.stream(loader.getURLs())
                        .map(url -> Path.of(url.getPath()).toAbsolutePath().toString())
                        .collect(Collectors.joining(File.pathSeparator))
                : System.getProperty("java.class.path");
    }

    /** What came of each table. */
    private Map<String, Set<String>> maintained() throws IOException, InterruptedException {
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
        command.addAll(List.of("maintain", "--compact", "--deadline", DEADLINE, "--report", "json"));
        Path out = directory.resolve("out.json");
        Path err = directory.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("XDG_STATE_HOME", directory.resolve("state").toString());
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("it does not end: " + Files.readString(err));
        }
        assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(SOME);
        Map<String, Set<String>> reasons = new TreeMap<>();
        for (JsonNode table : new ObjectMapper().readTree(out.toFile()).path("tables")) {
            String name = table.path("table").asText().substring("paths.".length());
            table.path("actions")
                    .forEach(action -> reasons.computeIfAbsent(name, any -> new TreeSet<>())
                            .add(action.path("reason").asText()));
        }
        return reasons;
    }
}
