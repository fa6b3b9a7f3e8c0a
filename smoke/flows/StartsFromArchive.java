package flows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An installed program, {@code bin} beside {@code lib}, starts from the archive of classes that {@code bin/archive}
 * makes.
 */
class StartsFromArchive {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();

    @TempDir
    Path directory;

    @Test
    void until_a_jar_has_changed_and_without_a_word_about_it() throws IOException, InterruptedException {
        Path jar = install();
        List<String> without = loadedBy("--version");

        assertThat(run("bin/archive")).isEmpty();
        List<String> with = loadedBy("--version");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        List<String> stale = loadedBy("--version");

        assertThat(without).isNotEmpty().noneMatch(StartsFromArchive::isArchived);
        assertThat(with).anyMatch(StartsFromArchive::isArchived);
        assertThat(stale).isNotEmpty().noneMatch(StartsFromArchive::isArchived);
    }

    /** Gives the program's own jar. */
    private Path install() throws IOException {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path lib = Files.createDirectory(directory.resolve("lib"));
        for (String script : List.of("sink", "archive")) {
            Files.copy(HOME.resolve("bin").resolve(script), bin.resolve(script));
            assertThat(bin.resolve(script).toFile().setExecutable(true)).isTrue();
        }
        try (Stream<Path> jars =
                Stream.concat(Files.list(HOME.resolve("target/lib")), Files.list(HOME.resolve("target")))) {
            for (Path jar :
                    jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        try (Stream<Path> jars = Files.list(lib)) {
            return jars.filter(file -> file.getFileName().toString().startsWith("sink-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Where the program's own classes came from, one line for each. */
    private List<String> loadedBy(String argument) throws IOException, InterruptedException {
        Path log = directory.resolve("loaded");
        Files.deleteIfExists(log);
        assertThat(run("bin/sink", argument)).startsWith("sink ");
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(" io.sink."))
                .toList();
    }

    private static boolean isArchived(String loaded) {
        return loaded.contains("shared objects file");
    }

    /** What it says on stdout; it says nothing on stderr. */
    private String run(String... command) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Map<String, String> environment = process.environment();
        environment.keySet().removeIf(name -> name.startsWith("SINK_"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("SINK_JAVA_OPTS", "-Xlog:class+load:file=loaded");

        int status = process.start().waitFor();

        String said = Files.readString(err);
        assertThat(status).as(said).isZero();
        assertThat(said).isEmpty();
        return Files.readString(out);
    }
}
