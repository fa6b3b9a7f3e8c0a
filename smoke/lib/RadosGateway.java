package lib;

import io.sink.testing.S3Policy;
import io.sink.testing.S3Server;
import io.sink.testing.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.aws.s3.S3FileIO;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A Ceph RADOS gateway in processes of its own on loopback, where Debian's packages for it are installed. */
public final class RadosGateway implements AutoCloseable {
    private static final Path SCRIPT =
            Path.of(System.getProperty("sink.home", "")).resolve("smoke/lib/ceph/rgw.sh");
    private static final Duration PATIENCE = Duration.ofSeconds(240);

    private final Process process;
    private final S3FileIO io;
    private final int port;

    private RadosGateway(Process process, int port) {
        this.process = process;
        this.port = port;
        this.io = open(properties());
    }

    /** Whether it can be started here. */
    public static boolean isInstalled() {
        return Files.isExecutable(Path.of("/usr/bin/radosgw"))
                && Files.isExecutable(Path.of("/usr/bin/ceph-mon"))
                && Files.isExecutable(Path.of("/usr/bin/ceph-osd"));
    }

    /** Starts it with an empty bucket. */
    public static RadosGateway start(Path directory, String bucket) throws IOException, InterruptedException {
        int port = freePort();
        Path log = directory.resolve("rgw.log");
        Process process = new ProcessBuilder(
                        "sh",
                        SCRIPT.toAbsolutePath().toString(),
                        directory.resolve("ceph").toString(),
                        Integer.toString(port),
                        S3Server.KEY_ID,
                        S3Server.SECRET)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        RadosGateway gateway = new RadosGateway(process, port);
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.readString(log).contains("ready")) {
            if (!process.isAlive() || System.nanoTime() > until) {
                gateway.close();
                throw new IllegalStateException("The RADOS gateway does not start:\n" + Files.readString(log));
            }
            Thread.sleep(200);
        }
        S3Server.await(port, process, log);
        gateway.io.client().createBucket(create -> create.bucket(bucket));
        return gateway;
    }

    /** Two ports in a row, of which the second is the monitor's. */
    private static int freePort() throws IOException {
        for (int attempt = 0; attempt < 50; attempt++) {
            try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    ServerSocket second =
                            new ServerSocket(first.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress())) {
                return second.getLocalPort() - 1;
            } catch (IOException taken) {
                // the next pair may be free
            }
        }
        throw new IOException("no two free ports in a row");
    }

    /** Iceberg's properties for a client: it is a store that wants the checksums of old. */
    public Map<String, String> properties() {
        Map<String, String> properties = S3Server.properties("http://127.0.0.1:" + port);
        properties.put("client.legacy-md5-plugin-enabled", "true");
        return properties;
    }

    /** The same for the user who may do only what {@link #allow} says. */
    public Map<String, String> limitedProperties() {
        Map<String, String> properties = properties();
        properties.put("s3.access-key-id", S3Server.KEY_ID + "-limited");
        return properties;
    }

    /** Gives that user these permissions on a bucket, and takes away every other. */
    public void allow(String bucket, S3Policy policy) {
        String document = policy.document(bucket, "arn:aws:iam:::user/limited");
        io.client().putBucketPolicy(put -> put.bucket(bucket).policy(document));
    }

    /** Puts a file under a bucket's key. */
    public void put(Path file, String bucket, String key) throws IOException {
        try (var out = io.newOutputFile("s3://" + bucket + "/" + key).createOrOverwrite()) {
            Files.copy(file, out);
        }
    }

    /** Makes a directory hold what a bucket holds, and nothing else. */
    public void mirror(String bucket, Path directory) throws IOException {
        mirror(io, bucket, directory);
    }

    /** The same with the eyes of the user who may do only what {@link #allow} says, and who owns what it wrote. */
    public void mirrorAsLimited(String bucket, Path directory) throws IOException {
        try (S3FileIO limited = open(limitedProperties())) {
            mirror(limited, bucket, directory);
        }
    }

    private static void mirror(S3FileIO io, String bucket, Path directory) throws IOException {
        Trees.delete(directory);
        for (S3Object object :
                io.client().listObjectsV2Paginator(list -> list.bucket(bucket)).contents()) {
            Path file = directory.resolve(object.key());
            Files.createDirectories(file.getParent());
            try (InputStream in =
                    io.newInputFile("s3://" + bucket + "/" + object.key()).newStream()) {
                Files.copy(in, file);
            }
        }
    }

    private static S3FileIO open(Map<String, String> properties) {
        S3FileIO io = new S3FileIO();
        properties.put("client.region", "us-east-1");
        io.initialize(properties);
        return io;
    }

    @Override
    public void close() {
        io.close();
        process.destroy();
        try {
            process.waitFor(40, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
