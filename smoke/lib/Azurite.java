package lib;

import io.sink.testing.S3Server;
import io.sink.testing.Trees;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Azurite, Microsoft's emulator of Azure's blob storage, in a process of its own on loopback, with one container
 * {@code lake}. It has the blob endpoint alone: whoever asks it for a directory's paths, as the DFS endpoint lists
 * them, gets a 400.
 */
public final class Azurite implements AutoCloseable {
    public static final String ACCOUNT = "sinktests";
    public static final String KEY = Base64.getEncoder()
            .encodeToString("a key of sixty-four bytes, which only the emulator of the test takes"
                    .getBytes(StandardCharsets.US_ASCII));
    /** The account's host of locations that begin with {@code abfss:}. */
    public static final String DFS = ACCOUNT + ".dfs.core.windows.net";
    /** The account's host of locations that begin with {@code wasbs:}. */
    public static final String BLOB = ACCOUNT + ".blob.core.windows.net";

    private static final String CONTAINER = "lake";
    private static final String VERSION = "2022-11-02";
    private static final Pattern NAME = Pattern.compile("<Name>([^<]+)</Name>");

    private final Process process;
    private final int port;
    private final Path log;
    private final HttpClient client = HttpClient.newHttpClient();

    private Azurite(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** Starts it in memory, with an empty container. */
    public static Azurite start(Path directory) throws IOException, InterruptedException {
        int port = freePort();
        Path log = directory.resolve("azurite.log");
        ProcessBuilder builder = new ProcessBuilder(
                        "node",
                        AzureAddOn.azurite().toString(),
                        "--blobHost",
                        "127.0.0.1",
                        "--blobPort",
                        Integer.toString(port),
                        "--inMemoryPersistence",
                        "--skipApiVersionCheck",
                        "--disableTelemetry")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("AZURITE_ACCOUNTS", ACCOUNT + ":" + KEY);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        S3Server.await(port, process, log);
        Azurite azurite = new Azurite(process, port, log);
        azurite.send("PUT", "?restype=container&", BodyPublishers.noBody(), 201);
        return azurite;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What Iceberg's client takes for the account's address. */
    public String endpoint() {
        return "http://127.0.0.1:" + port + "/" + ACCOUNT;
    }

    /** What {@code sink} needs in {@code SINK_CLASSPATH}. */
    public static String addOn() throws IOException, InterruptedException {
        return AzureAddOn.classPath();
    }

    /** The location of a directory in the container. */
    public static String location(String directory) {
        return "abfss://" + CONTAINER + "@" + DFS + "/" + directory;
    }

    /** The same as clients of before the DFS endpoint wrote it. */
    public static String olderLocation(String directory) {
        return "wasbs://" + CONTAINER + "@" + BLOB + "/" + directory;
    }

    /** The file below a mirror of the container for a location. */
    public static Path locate(Path mirror, String location) {
        return mirror.resolve(location.replaceFirst("^[a-z]+://[^/]+/", ""));
    }

    /** Puts every file below a directory under its path from there. */
    public void putAll(Path directory) throws IOException, InterruptedException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            put(directory.relativize(file).toString(), Files.readAllBytes(file));
        }
    }

    public void put(String name, byte[] content) throws IOException, InterruptedException {
        send("PUT", path(name), BodyPublishers.ofByteArray(content), 201);
    }

    /** The names of all blobs. */
    public TreeSet<String> names() throws IOException, InterruptedException {
        TreeSet<String> names = new TreeSet<>();
        String list = new String(
                send("GET", "?restype=container&comp=list&", BodyPublishers.noBody(), 200), StandardCharsets.UTF_8);
        NAME.matcher(list).results().map(found -> found.group(1)).forEach(names::add);
        return names;
    }

    /** Makes a directory hold what the container holds, and nothing else. */
    public void mirror(Path directory) throws IOException, InterruptedException {
        Trees.delete(directory);
        for (String name : names()) {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, send("GET", path(name), BodyPublishers.noBody(), 200));
        }
    }

    /** The requests for the container so far that had this status, each as method, path and query. */
    public List<String> requests(int status) throws IOException {
        Pattern line =
                Pattern.compile(".*\"(\\S+ /" + ACCOUNT + "/" + CONTAINER + "\\S*) HTTP/1.1\" " + status + " .*");
        return Files.readAllLines(log).stream()
                .map(line::matcher)
                .filter(Matcher::matches)
                .map(found -> found.group(1))
                .toList();
    }

    private static String path(String name) {
        return "/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("%2F", "/") + "?";
    }

    private byte[] send(String method, String path, HttpRequest.BodyPublisher body, int expected)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint() + "/" + CONTAINER + path + token("rwdlac")))
                .header("x-ms-blob-type", "BlockBlob")
                .method(method, body)
                .build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() != expected) {
            throw new IOException(method + " " + path + ": " + response.statusCode() + " "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response.body();
    }

    /** A SAS token of the account that grants these permissions until the year 2100. */
    public static String token(String permissions) {
        String end = "2100-01-01T00:00:00Z";
        String text = String.join("\n", ACCOUNT, permissions, "b", "sco", "", end, "", "https,http", VERSION, "", "");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(KEY), "HmacSHA256"));
            String signature = Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
            return "sv=" + VERSION + "&ss=b&srt=sco&sp=" + permissions + "&se=" + end + "&spr=https,http&sig="
                    + URLEncoder.encode(signature, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
