package lib;

import io.sink.testing.S3Server;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Nessie, a REST catalog that shares no code with Iceberg's reference server, in a process of its own on loopback. It
 * needs Java 21; Maven fetches its 245 MB once.
 */
public final class Nessie implements AutoCloseable {
    private static final String ARTIFACT = "org.projectnessie.nessie:nessie-quarkus:0.99.0:jar:runner";
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();
    private static final Path SERVERS = HOME.resolve("target/servers");
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Pattern JAVA_VERSION = Pattern.compile("^JAVA_VERSION=\"(\\d+)");

    private final Process process;
    private final int port;

    private Nessie(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * A Java that is new enough: what {@code -Dsink.java21} says, or one beside this JVM's; empty where there is none.
     */
    public static Optional<Path> java() throws IOException {
        return java(21);
    }

    /** The same from another version on, and with that number in the property. */
    static Optional<Path> java(int version) throws IOException {
        List<Path> homes = new ArrayList<>();
        String named = System.getProperty("sink.java" + version);
        if (named != null) {
            homes.add(Path.of(named));
        }
        Path own = Path.of(System.getProperty("java.home"));
        homes.add(own);
        try (Stream<Path> beside = Files.list(own.resolve(".."))) {
            beside.forEach(homes::add);
        }
        for (Path home : homes) {
            if (version(home.resolve("release")) >= version) {
                return Optional.of(home.resolve("bin/java"));
            }
        }
        return Optional.empty();
    }

    /** The feature version that a JDK says of itself; 0 where it says none. */
    private static int version(Path release) throws IOException {
        if (!Files.exists(release)) {
            return 0;
        }
        return Files.readString(release)
                .lines()
                .map(JAVA_VERSION::matcher)
                .filter(Matcher::find)
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .findFirst()
                .orElse(0);
    }

    /** Starts it in memory, over a storage. */
    public static Nessie start(Path directory, Path java, S3Server storage) throws IOException, InterruptedException {
        Path jar = fetched();
        int port = freePort();
        int management = freePort();
        Path log = directory.resolve("nessie.log");
        String s3 = "-Dnessie.catalog.service.s3.default-options.";
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-Xmx400m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + management,
                        "-Dnessie.version.store.type=IN_MEMORY",
                        "-Dnessie.catalog.default-warehouse=warehouse",
                        "-Dnessie.catalog.warehouses.warehouse.location=s3://lake/warehouse",
                        s3 + "endpoint=http://127.0.0.1:" + storage.port(),
                        s3 + "path-style-access=true",
                        s3 + "region=us-east-1",
                        s3 + "request-signing-enabled=false",
                        s3 + "access-key=urn:nessie-secret:quarkus:sink.keys",
                        "-Dsink.keys.name=" + S3Server.KEY_ID,
                        "-Dsink.keys.secret=" + S3Server.SECRET,
                        "-jar",
                        jar.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Nessie nessie = new Nessie(process, port);
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!nessie.answers()) {
            if (!process.isAlive() || System.nanoTime() > until) {
                process.destroyForcibly();
                throw new IllegalStateException("Nessie does not answer:\n" + Files.readString(log));
            }
            Thread.sleep(200);
        }
        return nessie;
    }

    private static Path fetched() throws IOException, InterruptedException {
        Path jar = SERVERS.resolve("nessie-quarkus-0.99.0-runner.jar");
        if (!Files.exists(jar)) {
            Process maven = new ProcessBuilder(
                            "mvn",
                            "-q",
                            "-B",
                            "dependency:copy",
                            "-Dartifact=" + ARTIFACT,
                            "-DoutputDirectory=" + SERVERS)
                    .directory(HOME.toFile())
                    .inheritIO()
                    .start();
            if (!maven.waitFor(10, TimeUnit.MINUTES) || maven.exitValue() != 0) {
                throw new IllegalStateException("cannot fetch " + ARTIFACT);
            }
        }
        return jar;
    }

    private boolean answers() {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(uri() + "v1/config").toURL().openConnection();
            connection.setReadTimeout(5_000);
            return connection.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The catalog's {@code uri}. */
    public String uri() {
        return "http://127.0.0.1:" + port + "/iceberg/";
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
