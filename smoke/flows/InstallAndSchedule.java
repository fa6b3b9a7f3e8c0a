package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.Trees;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.Sink.Ended;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a new user types, from the package to a scheduled run: unpack into an empty folder, the demo, a look as a page,
 * then the command line of the cron example with the environment that cron gives.
 *
 * <p>The package is {@code target/dist}'s where {@code mvn -Pdist package} made it, and else the same files laid out in
 * the same way.
 */
class InstallAndSchedule {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();
    private static final Pattern CRON = Pattern.compile("(?m)^15 2 \\* \\* \\* +sink +(.*)$");

    @TempDir
    Path directory;

    private Path root = Path.of("");

    @BeforeEach
    void install() throws IOException, InterruptedException {
        root = Files.createDirectories(directory.resolve("root"));
        Optional<Path> packed = packed();
        if (packed.isPresent()) {
            Ended tar = run(
                    Map.of(), "tar", "-xzf", packed.get().toString(), "-C", root.toString(), "--strip-components=1");
            assertThat(tar.exit()).as("%s", tar).isZero();
        } else {
            Files.createDirectories(root.resolve("bin"));
            Files.createDirectories(root.resolve("lib"));
            Files.copy(HOME.resolve("bin/sink"), root.resolve("bin/sink"), StandardCopyOption.COPY_ATTRIBUTES);
            copy(HOME.resolve("target/lib"));
            copy(HOME.resolve("target"));
        }
    }

    @Test
    void ends_in_a_run_that_leaves_a_report_figures_and_a_page() throws IOException, InterruptedException {
        Ended version = sink("sink --version");
        Ended demo = sink("sink demo lake");
        Ended look = sink("sink inspect -c lake/sink.yaml --html look.html");
        Map<String, Long> before = Trees.contents(directory.resolve("lake"));
        Ended dry = sink("sink maintain -c lake/sink.yaml --compact --dry-run");
        Map<String, Long> after = Trees.contents(directory.resolve("lake"));
        Ended night = sink(cronLine());

        assertThat(version.stdout()).startsWith("sink ");
        assertThat(List.of(version.exit(), demo.exit(), look.exit(), dry.exit(), night.exit()))
                .as("%s %s %s %s", demo, look, dry, night)
                .containsOnly(0);
        assertThat(after).as("a dry run changes nothing").containsExactlyInAnyOrderEntriesOf(before);
        assertThat(night.stdout() + night.stderr()).as("cron sends no mail").isEmpty();
        assertThat(new ObjectMapper()
                        .readTree(directory.resolve("log/last.json").toFile())
                        .path("exit_code")
                        .asInt(-1))
                .isZero();
        assertThat(Files.readString(directory.resolve("metrics/sink.prom")))
                .contains("sink_run_exit_code{command=\"maintain --compact\"} 0.0")
                .contains("sink_table_last_success_timestamp_seconds{action=\"compact\",catalog=\"demo\"");
        for (String page : List.of("look.html", "log/last.html")) {
            assertThat(Files.readString(directory.resolve(page)))
                    .startsWith("<!DOCTYPE html>")
                    .contains("Content-Security-Policy", "demo.web.events", "</html>");
        }
    }

    @Test
    void a_table_that_fails_is_mailed_with_its_reason_and_no_other() throws IOException, InterruptedException {
        Ended demo = sink("sink demo lake");
        assertThat(demo.exit()).as("%s", demo).isZero();
        Path damaged = currentManifestList(directory.resolve("lake/warehouse/web/events/metadata"));
        Files.delete(damaged);

        Ended night = sink(cronLine());

        assertThat(night.exit()).as("%s", night).isEqualTo(20);
        assertThat(night.stdout())
                .as("%s", night)
                .contains(
                        "demo.web.events",
                        "FAILED",
                        "missing-file",
                        damaged.getFileName().toString(),
                        "exit 20");
        assertThat(night.stdout()).doesNotContain("done     ", "skipped  ");
    }

    @Test
    void the_command_of_on_failure_hears_of_each_bad_end_and_of_no_other() throws IOException, InterruptedException {
        String hook = " --report-file r.json --on-failure 'echo \"$SINK_EXIT_CODE ${SINK_REPORT_FILE-none}\" >> told'";

        Ended demo = sink("sink demo lake");
        Ended good = sink("sink maintain -c lake/sink.yaml" + hook);
        Ended none = sink("sink maintain -c lake/sink.yaml demo.no.table" + hook);
        Ended unconfigured = sink("sink maintain -c none.yaml" + hook);
        Ended bad = sink("sink maintain -c lake/sink.yaml demo.no.table --on-failure 'exit 3'");

        assertThat(List.of(demo.exit(), good.exit(), none.exit(), unconfigured.exit(), bad.exit()))
                .as("%s %s %s", good, none, unconfigured)
                .containsExactly(0, 0, 12, 10, 12);
        assertThat(directory.resolve("told"))
                .hasContent("12 " + directory.toRealPath().resolve("r.json") + "\n10 none");
        assertThat(bad.stderr()).contains("the command of --on-failure ended with 3");
    }

    private static Path currentManifestList(Path metadata) throws IOException {
        JsonNode table;
        try (Stream<Path> files = Files.list(metadata)) {
            table = new ObjectMapper()
                    .readTree(files.filter(file -> file.toString().endsWith(".metadata.json"))
                            .max(Comparator.comparing(file -> file.getFileName().toString()))
                            .orElseThrow()
                            .toFile());
        }
        for (JsonNode snapshot : table.path("snapshots")) {
            if (snapshot.path("snapshot-id").asLong()
                    == table.path("current-snapshot-id").asLong()) {
                String list = snapshot.path("manifest-list").asText();
                return metadata.resolve(list.substring(list.lastIndexOf('/') + 1));
            }
        }
        throw new AssertionError("no current snapshot in " + metadata);
    }

    /** The example's own line, with its places moved into the test's. */
    private String cronLine() throws IOException {
        String example = Files.readString(HOME.resolve("config-examples/schedule/sink.cron"));
        Matcher line = CRON.matcher(example);
        assertThat(line.find()).isTrue();
        Files.createDirectories(directory.resolve("log"));
        Files.createDirectories(directory.resolve("metrics"));
        Path secrets = Files.createDirectories(directory.resolve("etc")).resolve("secrets.env");
        Files.writeString(secrets, "LAKE_WAREHOUSE=./warehouse\n");
        Path configuration = directory.resolve("lake/sink.yaml");
        String named =
                Files.readString(configuration).replace("warehouse: ./warehouse", "warehouse: ${LAKE_WAREHOUSE}");
        assertThat(named).contains("${LAKE_WAREHOUSE}");
        Files.writeString(configuration, named);
        return line.group(1)
                .replace("/etc/sink", "./etc")
                .replace("/var/log/sink", "log")
                .replace("/var/lib/prometheus/node-exporter", "metrics")
                .replace("sink maintain", "SINK_CONFIG=lake/sink.yaml sink maintain");
    }

    private Ended sink(String line) throws IOException, InterruptedException {
        return run(
                Map.of(
                        "PATH",
                        root.resolve("bin") + ":/usr/bin:/bin",
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "XDG_STATE_HOME",
                        directory.resolve("state").toString()),
                "/bin/sh",
                "-c",
                line);
    }

    private Ended run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Path out = directory.resolve("stdout");
        Path err = directory.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(Redirect.to(out.toFile()))
                .redirectError(Redirect.to(err.toFile()));
        if (!environment.isEmpty()) {
            builder.environment().clear();
            builder.environment().putAll(environment);
        }
        int exit = builder.start().waitFor();
        return new Ended(exit, Files.readString(out), Files.readString(err));
    }

    private void copy(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path jar :
                    files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                Files.copy(jar, root.resolve("lib").resolve(jar.getFileName()));
            }
        }
    }

    private static Optional<Path> packed() throws IOException {
        Path dist = HOME.resolve("target/dist");
        if (!Files.isDirectory(dist)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(dist)) {
            return files.filter(file -> file.toString().endsWith(".tar.gz")).findFirst();
        }
    }
}
