package flows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import lib.Lake;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A catalog that comes as a jar of somebody else's is opened; and the core stays small. */
class AddOnsServe {
    private static final Path HOME = Path.of(System.getProperty("sink.home", ""));
    private static final String CATALOG = """
            package addon;

            public class OfficeCatalog extends org.apache.iceberg.jdbc.JdbcCatalog {}
            """;
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake:
                catalog-impl: addon.OfficeCatalog
                uri: "jdbc:sqlite:./lake/catalog.db"
                warehouse: ./lake
            maintenance:
              expire: { older-than: 0s, retain-last: 1 }
            """;
    private static final long CORE_MB = 84;

    @TempDir
    Path directory;

    @Test
    void a_jar_that_the_environment_names_brings_a_catalog() throws IOException, InterruptedException {
        Path jar = jar();
        try (Lake lake = Lake.make(directory)) {
            lake.create("events", 2, Map.of()).append(1).replace(2);
            List<String> rows = lake.reader("events").rows();
            Sink sink = Sink.in(directory).configured(CONFIGURATION);

            Sink.Ended without = sink.run("maintain", "--report", "json");
            Report named = sink.with("SINK_CLASSPATH", jar.toString()).maintain();

            assertThat(without.exit()).as("%s", without).isEqualTo(22);
            assertThat(without.toString()).contains("addon.OfficeCatalog");
            assertThat(named.reasons()).as("%s", named).containsEntry("lake.web.events", "expired");
            assertThat(lake.reader("events").rows()).isEqualTo(rows);
        }
    }

    @Test
    void the_core_is_as_large_as_the_readme_says() throws IOException {
        long bytes;
        try (Stream<Path> jars = Files.list(HOME.resolve("target/lib"))) {
            bytes = jars.mapToLong(jar -> jar.toFile().length()).sum();
        }

        assertThat(Math.round(bytes / 1e6)).isBetween(CORE_MB - 1, CORE_MB + 1);
        assertThat(Files.readString(HOME.resolve("src/docs/catalogs.md")))
                .contains("The program is " + CORE_MB + " MB");
    }

    /** The catalog above, compiled against what the flows are. */
    private Path jar() throws IOException {
        Path source = Files.createDirectories(directory.resolve("addon/src")).resolve("OfficeCatalog.java");
        Files.writeString(source, CATALOG);
        Path classes = Files.createDirectories(directory.resolve("addon/classes"));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        classes.toString(),
                        source.toString());
        assertThat(failed).isZero();
        Path jar = directory.resolve("addon/office.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream zip = new JarOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("addon/OfficeCatalog.class"));
            Files.copy(classes.resolve("addon/OfficeCatalog.class"), zip);
        }
        return jar;
    }
}
