package lib;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * The jars that {@code sink} needs for Azure, as a user puts them together, and Azurite; Maven and npm fetch them once.
 *
 * <p>Iceberg's module for Azure is cut out of its Spark runtime, which holds it unchanged: version 1.12.0 of
 * {@code iceberg-azure} cannot be had everywhere.
 */
final class AzureAddOn {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();
    private static final Path SERVERS = HOME.resolve("target/servers");
    private static final Path DIRECTORY = SERVERS.resolve("azure");
    private static final Path MODULE = DIRECTORY.resolve("iceberg-azure-1.12.0.jar");
    private static final String RUNTIME = "iceberg-spark-runtime-4.1_2.13";
    private static final String CLASSES = "org/apache/iceberg/azure/";

    /** Netty's native libraries are optional, and not everywhere to be had. */
    private static final String PROJECT = """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>io.sink.smoke</groupId>
              <artifactId>azure</artifactId>
              <version>1</version>
              <packaging>pom</packaging>
              <dependencies>
                <dependency>
                  <groupId>com.azure</groupId>
                  <artifactId>azure-storage-file-datalake</artifactId>
                  <version>12.30.2</version>
                  %1$s
                </dependency>
                <dependency>
                  <groupId>com.azure</groupId>
                  <artifactId>azure-identity</artifactId>
                  <version>1.18.7</version>
                  %1$s
                </dependency>
              </dependencies>
            </project>
            """;

    private static final List<String> OPTIONAL = List.of(
            "netty-codec-native-quic",
            "netty-codec-http3",
            "netty-resolver-dns-native-macos",
            "netty-transport-native-epoll",
            "netty-transport-native-kqueue",
            "netty-tcnative-boringssl-static");

    private AzureAddOn() {}

    /** What to name in {@code SINK_CLASSPATH}. */
    static String classPath() throws IOException, InterruptedException {
        return module() + File.pathSeparator + clients() + "/*";
    }

    private static Path clients() throws IOException, InterruptedException {
        Path clients = DIRECTORY.resolve("lib");
        if (!Files.exists(clients)) {
            Files.createDirectories(DIRECTORY);
            Path project = Files.writeString(DIRECTORY.resolve("pom.xml"), PROJECT.formatted(exclusions()));
            run(List.of(
                    "mvn",
                    "-q",
                    "-B",
                    "-f",
                    project.toString(),
                    "dependency:copy-dependencies",
                    "-DoutputDirectory=" + clients));
        }
        return clients;
    }

    private static String exclusions() {
        StringBuilder exclusions = new StringBuilder("<exclusions>");
        OPTIONAL.forEach(artifact -> exclusions
                .append("<exclusion><groupId>io.netty</groupId><artifactId>")
                .append(artifact)
                .append("</artifactId></exclusion>"));
        return exclusions.append("</exclusions>").toString();
    }

    private static Path module() throws IOException, InterruptedException {
        if (!Files.exists(MODULE)) {
            Files.createDirectories(DIRECTORY);
            run(List.of(
                    "mvn",
                    "-q",
                    "-B",
                    "dependency:copy",
                    "-Dartifact=org.apache.iceberg:" + RUNTIME + ":1.12.0",
                    "-DoutputDirectory=" + DIRECTORY));
            Path cut = DIRECTORY.resolve("cut.jar");
            cut(DIRECTORY.resolve(RUNTIME + "-1.12.0.jar"), cut);
            Files.move(cut, MODULE);
        }
        return MODULE;
    }

    private static void cut(Path from, Path to) throws IOException {
        try (JarFile runtime = new JarFile(from.toFile());
                OutputStream out = Files.newOutputStream(to);
                JarOutputStream jar = new JarOutputStream(out)) {
            for (ZipEntry entry : runtime.stream().toList()) {
                if (entry.getName().startsWith(CLASSES) && !entry.isDirectory()) {
                    jar.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream content = runtime.getInputStream(entry)) {
                        content.transferTo(jar);
                    }
                }
            }
        }
    }

    /** The script that starts Azurite's blob service. */
    static Path azurite() throws IOException, InterruptedException {
        Path directory = SERVERS.resolve("azurite");
        Path script = directory.resolve("node_modules/azurite/dist/src/blob/main.js");
        if (!Files.exists(script)) {
            Files.createDirectories(directory);
            run(List.of(
                    "npm",
                    "install",
                    "--prefix",
                    directory.toString(),
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "azurite@3.37.0"));
        }
        return script;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(HOME.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException("this did not work: " + String.join(" ", command));
        }
    }
}
