package lib;

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

/** Large servers of others: Maven fetches a program once, and it runs as a process of its own on loopback. */
final class Servers {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();
    private static final Pattern JAVA_VERSION = Pattern.compile("^JAVA_VERSION=\"(\\d+)");
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    /** Where the programs are kept. */
    static final Path PROGRAMS = HOME.resolve("target/servers");

    private Servers() {}

    /**
     * A Java of at least a version: what {@code -Dsink.java21} says for 21, or one beside this JVM's; empty where there
     * is none.
     */
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

    /**
     * Fetches an artifact unless it is there.
     *
     * @param artifact its Maven coordinates
     * @param file the name that Maven gives it
     */
    static Path fetched(String artifact, String file) throws IOException, InterruptedException {
        Path program = PROGRAMS.resolve(file);
        if (!Files.exists(program)) {
            Process maven = new ProcessBuilder(
                            "mvn",
                            "-q",
                            "-B",
                            "dependency:copy",
                            "-Dartifact=" + artifact,
                            "-DoutputDirectory=" + PROGRAMS)
                    .directory(HOME.toFile())
                    .inheritIO()
                    .start();
            if (!maven.waitFor(10, TimeUnit.MINUTES) || maven.exitValue() != 0) {
                throw new IllegalStateException("cannot fetch " + artifact);
            }
        }
        return program;
    }

    /**
     * Starts a server, and waits until it answers.
     *
     * @param log for what it says
     * @param uri is asked
     * @param status the answer of a server that is ready
     * @throws IllegalStateException with its log if it ends before, or takes too long; then it is ended
     */
    static Process started(ProcessBuilder server, Path log, String uri, int status)
            throws IOException, InterruptedException {
        Process process =
                server.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> kill(process)));
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (status(uri) != status) {
            if (!process.isAlive() || System.nanoTime() > until) {
                kill(process);
                throw new IllegalStateException(uri + " does not answer:\n" + Files.readString(log));
            }
            Thread.sleep(200);
        }
        return process;
    }

    /** Ends a server at once, with the processes that its start script has begun. */
    static void kill(Process server) {
        server.descendants().forEach(ProcessHandle::destroyForcibly);
        server.destroyForcibly();
    }

    private static int status(String uri) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(uri).toURL().openConnection();
            connection.setReadTimeout(5_000);
            return connection.getResponseCode();
        } catch (IOException e) {
            return -1;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
