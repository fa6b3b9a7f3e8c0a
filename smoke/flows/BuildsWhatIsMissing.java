package flows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/sink} of a checkout builds what is missing or out of date, and nothing else. A stand-in for Maven notes its
 * calls, and puts the program there that this build made.
 */
class BuildsWhatIsMissing {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();

    @TempDir
    Path directory;

    private Path checkout;
    private Path source;

    @BeforeEach
    void check_out() throws IOException {
        checkout = Files.createDirectories(directory.resolve("checkout"));
        source = Files.createDirectories(checkout.resolve("src/main/java")).resolve("Any.java");
        Files.writeString(source, "class Any {}");
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Files.createDirectories(checkout.resolve("bin"));
        Files.copy(HOME.resolve("bin/sink"), checkout.resolve("bin/sink"));
        assertThat(checkout.resolve("bin/sink").toFile().setExecutable(true)).isTrue();
        script(checkout.resolve("bin/archive"), "exit 0");
        Path jar;
        try (Stream<Path> files = Files.list(HOME.resolve("target"))) {
            jar = files.filter(file -> file.getFileName().toString().matches("sink-[0-9.]+\\.jar"))
                    .findAny()
                    .orElseThrow();
        }
        script(
                Files.createDirectories(directory.resolve("bin")).resolve("mvn"),
                "echo called >> '%s'".formatted(directory.resolve("calls")),
                "mkdir -p target && rm -rf target/lib && ln -s '%s' target/lib && cp '%s' target/"
                        .formatted(HOME.resolve("target/lib"), jar));
    }

    @Test
    void once_and_again_only_where_a_source_has_changed() throws IOException, InterruptedException {
        assertThat(version()).startsWith("sink ");
        assertThat(calls()).isEqualTo(1);

        version();
        assertThat(calls()).as("nothing has changed").isEqualTo(1);

        // As in a folder that was copied.
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(3)));
        version();
        assertThat(calls()).as("the same sources with new times").isEqualTo(1);

        Files.writeString(source, "class Any { int changed; }");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(6)));
        version();
        assertThat(calls()).as("another source").isEqualTo(2);

        Files.writeString(checkout.resolve("src/main/java/More.java"), "class More {}");
        Files.setLastModifiedTime(
                checkout.resolve("src/main/java/More.java"),
                FileTime.from(Instant.now().plusSeconds(9)));
        version();
        assertThat(calls()).as("one more source").isEqualTo(3);
    }

    private static void script(Path file, String... lines) throws IOException {
        Files.write(
                file,
                Stream.concat(Stream.of("#!/bin/sh", "set -eu"), Stream.of(lines))
                        .toList());
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private long calls() throws IOException {
        Path calls = directory.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    private String version() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        ProcessBuilder sink = new ProcessBuilder(
                        List.of(checkout.resolve("bin/sink").toString(), "--version"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(out.toFile()));
        sink.environment().put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
        sink.environment().put("JAVA_HOME", System.getProperty("java.home"));
        int exit = sink.start().waitFor();
        String said = Files.readString(out);
        assertThat(exit).as(said).isZero();
        return said.lines()
                .filter(line -> line.startsWith("sink ") && !line.startsWith("sink: "))
                .findFirst()
                .orElse(said);
    }
}
