package lib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Keycloak, an OAuth2 server, in a process of its own on loopback, with one realm and its clients. It needs Java 21;
 * Maven fetches its 176 MB once.
 */
public final class Keycloak implements AutoCloseable {
    /** The one scope that clients may ask for. */
    public static final String SCOPE = "sink";

    private static final String VERSION = "26.7.3";
    private static final String ARTIFACT = "org.keycloak:keycloak-quarkus-dist:" + VERSION + ":tar.gz";
    private static final String REALM = """
            {
              "realm": "lake",
              "enabled": true,
              "sslRequired": "none",
              "clientScopes": [
                { "name": "%s", "protocol": "openid-connect", "attributes": { "include.in.token.scope": "true" } }
              ],
              "clients": [
            %s
              ]
            }
            """;
    private static final Pattern EVENT = Pattern.compile("\\[org\\.keycloak\\.events\\].* type=\"(\\w+)\"(.*)");
    private static final Pattern REASON = Pattern.compile(" (?:reason|error)=\"([^\"]*)\"");

    private final Process process;
    private final String uri;
    private final Path log;

    private Keycloak(Process process, String uri, Path log) {
        this.process = process;
        this.uri = uri;
        this.log = log;
    }

    /**
     * A client with a secret, which gets tokens for its credentials.
     *
     * @param life how long each of its tokens is good, in whole seconds
     * @param exchanges whether it may exchange a token for another one
     */
    public record Client(String id, String secret, Duration life, boolean exchanges) {

        /** What Iceberg calls the {@code credential}. */
        public String credential() {
            return id + ":" + secret;
        }

        private String json() {
            return """
                    {
                      "clientId": "%s",
                      "secret": "%s",
                      "serviceAccountsEnabled": true,
                      "standardFlowEnabled": false,
                      "optionalClientScopes": ["%s"],
                      "attributes": {
                        "access.token.lifespan": "%d",
                        "standard.token.exchange.enabled": "%s"
                      }
                    }""".formatted(id, secret, SCOPE, life.toSeconds(), exchanges);
        }
    }

    /** Starts it in memory; the first start of all unpacks it and lets it build itself, which takes longest. */
    public static Keycloak start(Path directory, Path java, Client... clients)
            throws IOException, InterruptedException {
        Path home = unpacked();
        Path realm = Files.createDirectories(home.resolve("data/import")).resolve("lake-realm.json");
        Files.writeString(
                realm,
                REALM.formatted(
                        SCOPE,
                        Arrays.stream(clients)
                                .map(Client::json)
                                .collect(Collectors.joining(",\n"))
                                .indent(4)
                                .stripTrailing()));
        int port = Servers.freePort();
        String uri = "http://127.0.0.1:" + port + "/realms/lake";
        Path log = directory.resolve("keycloak.log");
        ProcessBuilder server = new ProcessBuilder(
                home.resolve("bin/kc.sh").toString(),
                "start-dev",
                "--import-realm",
                "--db=dev-mem",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--spi-events-listener--jboss-logging--success-level=info");
        server.environment().put("JAVA", java.toString());
        server.environment().put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1");
        Process process = Servers.started(server, log, uri + "/.well-known/openid-configuration", 200);
        return new Keycloak(process, uri, log);
    }

    private static Path unpacked() throws IOException, InterruptedException {
        Path archive = Servers.fetched(ARTIFACT, "keycloak-quarkus-dist-" + VERSION + ".tar.gz");
        Path home = Servers.PROGRAMS.resolve("keycloak-" + VERSION);
        if (!Files.exists(home)) {
            Process tar = new ProcessBuilder("tar", "xzf", archive.toString(), "-C", Servers.PROGRAMS.toString())
                    .inheritIO()
                    .start();
            if (!tar.waitFor(10, TimeUnit.MINUTES) || tar.exitValue() != 0) {
                throw new IllegalStateException("cannot unpack " + archive);
            }
        }
        return home;
    }

    /** The issuer of the realm's tokens. */
    public String uri() {
        return uri;
    }

    /** Where tokens are granted, Iceberg's {@code oauth2-server-uri}. */
    public String tokenUri() {
        return uri + "/protocol/openid-connect/token";
    }

    /** What it was asked for so far, in order, by its own log: {@code CLIENT_LOGIN}, or a refusal with its reason. */
    public List<String> events() throws IOException {
        return Files.readString(log)
                .lines()
                .map(EVENT::matcher)
                .filter(Matcher::find)
                .map(event -> event.group(1)
                        + REASON.matcher(event.group(2))
                                .results()
                                .map(reason -> ": " + reason.group(1))
                                .collect(Collectors.joining()))
                .toList();
    }

    /** Stops it, as if its host had gone, and waits until it has. */
    @Override
    public void close() {
        Servers.kill(process);
        try {
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
