package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import lib.Lake;
import lib.LakeTable;
import lib.Report;
import lib.Sink;
import lib.Sink.Ended;
import org.apache.iceberg.PartitionSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong outside of tables is named by the program itself: the thing, its value, and what to do. */
class NamedCauses {
    private static final String COMPACTING = """
            version: 1
            catalogs:
              lake: { type: path, warehouse: ./tables }
            maintenance:
              compact: { min-data-files: 2, min-input-files: 2 }
            """;

    @TempDir
    Path directory;

    /** In a name space of mounts of its own, where the machine lets us make one. */
    @ParameterizedTest
    @ValueSource(strings = {"zstd", "SQLite"})
    void a_temporary_directory_without_execution_is_one_sentence(String library)
            throws IOException, InterruptedException {
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        assumeThat(script("unshare -rm mount -t tmpfs -o noexec none " + mounted)
                        .exit())
                .as("unshare can mount here")
                .isZero();
        Sink sink = tables(library).with("SINK_JAVA_OPTS", "-Djava.io.tmpdir=" + mounted);

        Ended ended = script("unshare -rm sh -c 'mount -t tmpfs -o noexec none %s; exec %s'"
                .formatted(
                        mounted, typed(sink, "maintain", "--compact", "--report", "json", "--report-file", "r.json")));

        Report report = ended.report();
        assertThat(report.exit()).isEqualTo(library.equals("SQLite") ? 22 : 21);
        assertThat(Files.readString(directory.resolve("r.json")))
                .contains("the native library for " + library + " cannot be loaded from the temporary directory "
                        + mounted
                        + ", which is mounted noexec: name another one by SINK_JAVA_OPTS=-Djava.io.tmpdir=DIR,"
                        + " which can be written to and is not mounted noexec")
                .contains("permission-denied");
        assertThat(ended.stderr()).doesNotContain("\tat ");
    }

    private Sink tables(String library) throws IOException {
        if (library.equals("SQLite")) {
            Lake.make(directory).close();
            return Sink.in(directory).configured(Lake.CONFIGURATION);
        }
        PathTable table = PathTable.create(
                Files.createDirectory(directory.resolve("tables")),
                "t",
                2,
                Map.of("write.parquet.compression-codec", "zstd"));
        table.append(1, 2);
        table.append(3, 4);
        return Sink.in(directory).configured(COMPACTING);
    }

    /** As cron starts it, and in a locale that is not installed, which is the same. */
    @ParameterizedTest
    @ValueSource(strings = {"C", "xx_YY.UTF-8"})
    void names_beyond_ascii_are_names_whatever_the_locale(String locale) throws IOException, InterruptedException {
        String place = "w\u00e4rehaus \u5009\u5eab";
        String clean = "env -i PATH=\"$PATH\" JAVA_HOME='%s' SINK_NO_BUILD=1 HOME='%s' LANG=%s '%s' "
                .formatted(System.getProperty("java.home"), directory, locale, Sink.program());

        Ended made = script(clean + "demo -q '" + place + "'");
        Ended run = script(clean + "maintain --compact -c '" + place
                + "/sink.yaml' --report json --report-file 'bericht \u00fc.json' --html 'gr\u00f6\u00dfe.html'");
        Ended listed = script("ls; find . -name '*.parquet'");

        assertThat(made.exit()).as("%s", made).isZero();
        assertThat(run.report().exit()).as("%s", run).isZero();
        assertThat(listed.stdout().lines())
                .contains("bericht \u00fc.json", "gr\u00f6\u00dfe.html", place)
                .anyMatch(line -> line.startsWith("./" + place + "/warehouse/"));
        assertThat(run.stderr()).isEmpty();
    }

    @Test
    void tables_with_names_beyond_ascii_are_maintained_and_reported_in_the_c_locale()
            throws IOException, InterruptedException {
        String name = "\u00fcberg\u00e4nge_\u8868";
        try (Lake lake = Lake.make(directory)) {
            new LakeTable(lake.catalog()
                            .createTable(
                                    Lake.id(name),
                                    PathTable.SCHEMA,
                                    PartitionSpec.unpartitioned(),
                                    lake.directory().resolve("table").toString(),
                                    Map.of("format-version", "2")))
                    .append(1)
                    .append(2)
                    .replace(3);
        }
        Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);

        Ended json = script(typed(sink, "maintain", "--report", "json", "'lake.web." + name + "'")
                .replace("LC_ALL='C.UTF-8'", "LANG=C"));
        Ended text = script(typed(sink, "tables").replace("LC_ALL='C.UTF-8'", "LANG=C"));

        assertThat(json.report().reasons()).containsEntry("lake.web." + name, "expired");
        assertThat(text.stdout()).contains("lake.web." + name);
    }

    @Test
    void what_selects_nothing_is_told_though_quiet_was_asked_for() throws IOException, InterruptedException {
        Sink sink = twoTables();

        Ended ended = sink.run(
                "maintain",
                "-q",
                "--dry-run",
                "--report",
                "json",
                "--exclude",
                "lake.wbe.*",
                "lake.web.*",
                "lake.web.clcks");

        Report report = ended.report();
        List<String> sentences = new ArrayList<>();
        report.json().path("warnings").forEach(warning -> sentences.add(warning.asText()));
        assertThat(sentences)
                .containsExactly(
                        "--exclude \"lake.wbe.*\" matches no table (the nearest is lake.web.clicks): correct it, or"
                                + " nothing is left out for it",
                        "rule \"lake.web.evnts\" (tables[0], which excludes) matches no table (the nearest is"
                                + " lake.web.events): correct its match in " + directory.resolve("sink.yaml")
                                + ", or take the rule out",
                        "TABLE \"lake.web.clcks\" matches no table (the nearest is lake.web.clicks): correct it; sink"
                                + " tables lists what there is");
        assertThat(sentences).allSatisfy(sentence -> assertThat(ended.stderr()).contains(sentence));
        assertThat(report.exit()).isZero();
        assertThat(sink.maintain("--dry-run", "--strict").exit()).isEqualTo(10);
        assertThat(sink.run("tables", "-q", "lake.web.clcks").stderr()).contains("the nearest is lake.web.clicks");
        assertThat(sink.run("snapshots", "-q", "lake.web.clcks").stderr()).contains("the nearest is lake.web.clicks");
        assertThat(sink.run("check", "--connect", "-q").stdout())
                .contains("What matches nothing:", "rule \"lake.web.evnts\" (tables[0], which excludes)");
    }

    @Test
    void a_variable_that_is_no_setting_is_told_with_the_nearest() throws IOException, InterruptedException {
        Sink sink = twoTables();

        Ended ended = sink.with("SINK_DEADLNE", "hunter2-1h")
                .with("SINK_SERVICE_HOST", "10.0.0.1")
                .run("maintain", "--dry-run", "--report", "json");

        assertThat(ended.stderr())
                .contains("the environment variable SINK_DEADLNE is no setting", "did you mean SINK_DEADLINE?")
                .doesNotContain("SERVICE_HOST", "hunter2");
        assertThat(ended.report().json().path("warnings").toString()).contains("SINK_DEADLNE");
    }

    private Sink twoTables() throws IOException {
        try (Lake lake = Lake.make(directory)) {
            lake.create("events", 2, Map.of()).append(1);
            lake.create("clicks", 2, Map.of()).append(1);
        }
        return Sink.in(directory)
                .configured(Lake.CONFIGURATION + "tables: [ { match: lake.web.evnts, exclude: true } ]\n");
    }

    /** The command line with its environment, as one types it. */
    private static String typed(Sink sink, String... args) throws IOException {
        ProcessBuilder prepared = sink.prepared(args);
        StringBuilder line = new StringBuilder("env -i");
        prepared.environment().forEach((name, value) -> line.append(" " + name + "='" + value + "'"));
        prepared.command().forEach(word -> line.append(" " + word));
        return line.toString();
    }

    /** Through a file: this JVM may itself be in a locale in which it cannot pass on what is beyond ASCII. */
    private Ended script(String commands) throws IOException, InterruptedException {
        Path out = directory.resolve("stdout.txt");
        Path err = directory.resolve("stderr.txt");
        Files.writeString(directory.resolve("script.sh"), commands + "\n", StandardCharsets.UTF_8);
        Process process = new ProcessBuilder("sh", "script.sh")
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        return new Ended(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}
