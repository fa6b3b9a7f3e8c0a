package lib;

import io.sink.testing.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Nessie, a REST catalog that shares no code with Iceberg's reference server, in a process of its own on loopback. It
 * needs Java 21; Maven fetches its 245 MB once.
 */
public final class Nessie implements AutoCloseable {
    private static final String ARTIFACT = "org.projectnessie.nessie:nessie-quarkus:0.99.0:jar:runner";

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
        return Servers.java(21);
    }

    /** Starts it in memory, over a storage, open to everybody. */
    public static Nessie start(Path directory, Path java, S3Server storage) throws IOException, InterruptedException {
        return start(directory, java, storage, 200, List.of());
    }

    /** Starts it so that it serves only who has a token of this issuer. */
    public static Nessie startGuarded(Path directory, Path java, S3Server storage, Keycloak issuer)
            throws IOException, InterruptedException {
        return start(
                directory,
                java,
                storage,
                401,
                List.of(
                        "-Dnessie.server.authentication.enabled=true",
                        "-Dquarkus.oidc.auth-server-url=" + issuer.uri(),
                        "-Dquarkus.oidc.client-id=nessie"));
    }

    private static Nessie start(Path directory, Path java, S3Server storage, int status, List<String> more)
            throws IOException, InterruptedException {
        Path jar = Servers.fetched(ARTIFACT, "nessie-quarkus-0.99.0-runner.jar");
        int port = Servers.freePort();
        String s3 = "-Dnessie.catalog.service.s3.default-options.";
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-Xmx400m",
                "-XX:TieredStopAtLevel=1",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.host=127.0.0.1",
                "-Dquarkus.management.port=" + Servers.freePort(),
                "-Dnessie.version.store.type=IN_MEMORY",
                "-Dnessie.catalog.default-warehouse=warehouse",
                "-Dnessie.catalog.warehouses.warehouse.location=s3://lake/warehouse",
                s3 + "endpoint=http://127.0.0.1:" + storage.port(),
                s3 + "path-style-access=true",
                s3 + "region=us-east-1",
                s3 + "request-signing-enabled=false",
                s3 + "access-key=urn:nessie-secret:quarkus:sink.keys",
                "-Dsink.keys.name=" + S3Server.KEY_ID,
                "-Dsink.keys.secret=" + S3Server.SECRET));
        command.addAll(more);
        command.addAll(List.of("-jar", jar.toString()));
        Process process = Servers.started(
                new ProcessBuilder(command), directory.resolve("nessie.log"), uri(port) + "v1/config", status);
        return new Nessie(process, port);
    }

    private static String uri(int port) {
        return "http://127.0.0.1:" + port + "/iceberg/";
    }

    /** The catalog's {@code uri}. */
    public String uri() {
        return uri(port);
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
