package io.sink.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.aws.s3.S3FileIO;

/**
 * An S3 server in a process of its own, on loopback, with one bucket {@link #BUCKET}.
 *
 * <p>{@link #start} gives S3Proxy, which demands signatures and creates conditionally and atomically; its objects are
 * files of the same name, so that whatever looks at tables on local disk can look at them. {@link #startCareless} gives
 * S3Mock, which demands nothing and lets several writers create one object.
 */
public final class S3Server implements AutoCloseable {
    public static final String BUCKET = "lake";
    public static final String KEY_ID = "sink-tests";
    public static final String SECRET = "not-so-secret-0123";

    private static final Path PROGRAMS =
            Path.of(System.getProperty("sink.home", "")).resolve("target/servers");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String S3 = "s3://";

    private final Process process;
    private final int port;
    private final Path objects;

    private S3Server(Process process, int port, Path objects) {
        this.process = process;
        this.port = port;
        this.objects = objects;
    }

    /**
     * Starts S3Proxy.
     *
     * @param directory an existing one, for its configuration, its log and its objects
     */
    public static S3Server start(Path directory) throws IOException, InterruptedException {
        return startProxy(directory, "aws-v2-or-v4");
    }

    /** Starts S3Proxy so that it checks no signature, for a wire that changes what was signed. */
    public static S3Server startUnsigned(Path directory) throws IOException, InterruptedException {
        return startProxy(directory, "none");
    }

    private static S3Server startProxy(Path directory, String authorization) throws IOException, InterruptedException {
        int port = freePort();
        Path objects = Files.createDirectories(directory.resolve("objects"));
        Files.createDirectories(objects.resolve(BUCKET));
        Path configuration = Files.writeString(
                directory.resolve("s3proxy.conf"), """
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.authorization=%s
                s3proxy.identity=%s
                s3proxy.credential=%s
                s3proxy.ignore-unknown-headers=true
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                """.formatted(port, authorization, KEY_ID, SECRET, objects));
        return start(
                directory,
                port,
                objects,
                List.of(
                        "-cp",
                        program("s3proxy.jar"),
                        "org.gaul.s3proxy.Main",
                        "--properties",
                        configuration.toString()));
    }

    /** Starts S3Mock, whose objects cannot be seen from outside. */
    public static S3Server startCareless(Path directory) throws IOException, InterruptedException {
        int port = freePort();
        return start(
                directory,
                port,
                directory.resolve("no-objects"),
                List.of(
                        "-jar",
                        program("s3mock.jar"),
                        "--server.address=127.0.0.1",
                        "--server.port=" + port,
                        "--server.ssl.enabled=false",
                        "--com.adobe.testing.s3mock.store.initial-buckets=" + BUCKET));
    }

    private static S3Server start(Path directory, int port, Path objects, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + Files.createDirectories(directory.resolve("tmp"))));
        command.addAll(arguments);
        Path log = directory.resolve("s3.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        await(port, process, log);
        return new S3Server(process, port, objects);
    }

    /**
     * Waits until a server answers.
     *
     * @throws IllegalStateException with its log if it ends before, or takes too long; then it is ended
     */
    public static void await(int port, Process process, Path log) throws IOException, InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!answers(port)) {
            if (!process.isAlive() || System.nanoTime() > until) {
                process.destroyForcibly();
                throw new IllegalStateException("The S3 server does not answer:\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
    }

    private static boolean answers(int port) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
            connection.setReadTimeout(5_000);
            return connection.getResponseCode() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String program(String jar) {
        Path program = PROGRAMS.resolve(jar).toAbsolutePath();
        if (!Files.exists(program)) {
            throw new IllegalStateException("No " + program + ": 'mvn process-test-resources' fetches it");
        }
        return program.toString();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** Iceberg's properties for a client of this server. */
    public Map<String, String> properties() {
        return properties("http://127.0.0.1:" + port);
    }

    /** The same through another address, such as that of a {@link FaultyWire}; retries come soon. */
    public static Map<String, String> properties(String endpoint) {
        return new TreeMap<>(Map.of(
                "s3.endpoint",
                endpoint,
                "s3.path-style-access",
                "true",
                "s3.access-key-id",
                KEY_ID,
                "s3.secret-access-key",
                SECRET,
                "s3.retry.min-wait-ms",
                "20",
                "s3.retry.max-wait-ms",
                "100"));
    }

    /** Iceberg's own storage, for tests to look and to write with. */
    public S3FileIO io() {
        S3FileIO io = new S3FileIO();
        Map<String, String> properties = properties();
        properties.put("client.region", "us-east-1");
        io.initialize(properties);
        return io;
    }

    /** The directory whose entries are buckets. */
    public Path objects() {
        return objects;
    }

    /** The file that holds an object. */
    public Path locate(String location) {
        String normal = location.replaceFirst("^s3[an]?://", S3);
        if (!normal.startsWith(S3)) {
            throw new IllegalArgumentException(location + " is not on S3");
        }
        return objects.resolve(normal.substring(S3.length()));
    }

    /** Stops the server, as if its host had gone, and waits until it has. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The location of an object that a file holds. */
    public String location(Path file) {
        return S3 + Objects.requireNonNull(objects).relativize(file);
    }
}
