package lib;

import io.sink.catalog.RoutedFileIO;
import io.sink.catalog.TableSource;
import io.sink.testing.FaultyWire;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.Postgres;
import io.sink.testing.RestServer;
import io.sink.testing.S3Server;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TokenIssuer;
import io.sink.testing.Vending;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalog;

/** Every place that the tests can start by themselves, on any machine. */
public final class Sites {
    private static final Duration LIFE = Duration.ofSeconds(2);
    private static final String S3 = """
            s3.endpoint: %s
            s3.path-style-access: true
            s3.access-key-id: %s
            s3.secret-access-key: ${S3_SECRET}
            """;
    private static final Map<String, String> S3_SECRET = Map.of("S3_SECRET", S3Server.SECRET);

    private Sites() {}

    /** Directories on local disk. */
    public static Site pathOnDisk(Path directory) throws IOException {
        Path warehouse = Files.createDirectory(directory.resolve("paths"));
        TableSource source = OpenCatalogs.open("lake", "path", Map.of("warehouse", warehouse.toString()), directory);
        return new Site(
                        "none (by path) · local disk",
                        Site.engine(source, warehouse, warehouse.toString()),
                        SecondReader::local)
                .configured("""
                        type: path
                        warehouse: ./paths
                        """, Map.of())
                .with(source);
    }

    /** Prefixes of a bucket. */
    public static Site pathOnS3(Path directory) throws IOException, InterruptedException {
        S3Server storage = S3Server.start(Files.createDirectory(directory.resolve("s3")));
        Map<String, String> properties = new HashMap<>(storage.properties());
        properties.put("warehouse", "s3://lake/exports");
        TableSource source = OpenCatalogs.open("lake", "path", properties, directory);
        FaultyWire wire = FaultyWire.to(storage.port());
        return new Site(
                        "none (by path) · S3",
                        Site.engine(source, storage.locate("s3://lake/exports"), "s3://lake/exports"),
                        storage::locate)
                .configured("type: path\nwarehouse: s3://lake/exports\n" + s3(wire.uri()), S3_SECRET)
                .wired(
                        wire,
                        exchange -> exchange.method().equals("PUT")
                                && exchange.path().matches(".*/v[0-9]+\\.metadata\\.json"))
                .with(storage, source, wire);
    }

    /** A SQLite file, the tables beside it. */
    public static Site sqlite(Path directory) throws IOException {
        Path lake = Files.createDirectory(directory.resolve("lake"));
        JdbcCatalog catalog = SqliteCatalog.make("lake", lake);
        catalog.createNamespace(Namespace.of(Site.NAMESPACE));
        return new Site("JDBC, SQLite · local disk", Site.engine(catalog), SecondReader::local)
                .configured("""
                        type: jdbc
                        uri: "jdbc:sqlite:./lake/catalog.db"
                        warehouse: ./lake
                        """, Map.of())
                .with(catalog);
    }

    /** Postgres, which asks for a password, the tables on S3. */
    public static Site postgres(Path directory) throws IOException, InterruptedException {
        S3Server storage = S3Server.start(Files.createDirectory(directory.resolve("s3")));
        Postgres postgres = Postgres.start();
        JdbcCatalog catalog = postgres.make("lake", "s3://lake/warehouse", storage.properties());
        catalog.createNamespace(Namespace.of(Site.NAMESPACE));
        FaultyWire wire = FaultyWire.to(storage.port());
        Map<String, String> secrets = new HashMap<>(S3_SECRET);
        secrets.put("DB_PASSWORD", Postgres.PASSWORD);
        return new Site("JDBC, Postgres · S3", Site.engine(catalog), storage::locate)
                .configured("""
                        type: jdbc
                        uri: "%s"
                        warehouse: s3://lake/warehouse
                        jdbc.user: %s
                        jdbc.password: ${DB_PASSWORD}
                        """.formatted(postgres.uri(), Postgres.USER) + s3(wire.uri()), secrets)
                .wired(
                        wire,
                        exchange -> exchange.method().equals("PUT")
                                && exchange.path().endsWith(".metadata.json"))
                .with(storage, postgres, catalog, wire);
    }

    /** A REST catalog behind OAuth2 whose tokens end soon; {@code sink} has keys of its own to the storage. */
    public static Site restWithOwnKeys(Path directory) throws IOException, InterruptedException {
        return rest("REST, OAuth2 · S3, own keys", directory, false);
    }

    /** The same, and the keys come from the catalog and end soon too. */
    public static Site restWithVendedKeys(Path directory) throws IOException, InterruptedException {
        return rest("REST, OAuth2 · S3, vended keys", directory, true);
    }

    private static Site rest(String name, Path directory, boolean vended) throws IOException, InterruptedException {
        S3Server storage = S3Server.start(Files.createDirectory(directory.resolve("s3")));
        Map<String, String> properties = new HashMap<>(SqliteCatalog.properties(directory));
        properties.putAll(storage.properties());
        properties.put("warehouse", "s3://lake/warehouse");
        JdbcCatalog backend = new JdbcCatalog();
        backend.initialize("lake", properties);
        backend.createNamespace(Namespace.of(Site.NAMESPACE));
        TokenIssuer issuer = new TokenIssuer("sink", "s3cret-of-sink", LIFE);
        RestServer server = RestServer.guarded(backend, issuer);
        Vending vending = Vending.of(storage, LIFE);
        String keys = s3("http://127.0.0.1:" + storage.port());
        if (vended) {
            server.intercept(vending);
            keys = "header.X-Iceberg-Access-Delegation: vended-credentials\n";
        }
        FaultyWire wire = FaultyWire.to(URI.create(server.uri()).getPort());
        Map<String, String> secrets = new HashMap<>(vended ? Map.of() : S3_SECRET);
        secrets.put("LAKE_CREDENTIAL", issuer.credential());
        return new Site(name, Site.engine(backend), storage::locate)
                .configured("""
                        type: rest
                        uri: "%s"
                        rest.client.max-retries: 1
                        credential: ${LAKE_CREDENTIAL}
                        oauth2-server-uri: "%s"
                        """.formatted(wire.uri(), server.tokenUri()) + keys, secrets)
                .wired(
                        wire,
                        exchange -> exchange.method().equals("POST")
                                && exchange.path().matches(".*/tables/[^/]+"))
                .with(storage, backend, vending, server, wire);
    }

    /** Nessie, with keys of {@code sink}'s own to the storage. */
    public static Site nessie(Path directory, Path java) throws IOException, InterruptedException {
        S3Server storage = S3Server.start(Files.createDirectory(directory.resolve("s3")));
        Nessie nessie = Nessie.start(directory, java, storage);
        RESTCatalog catalog = rest(nessie.uri(), storage.properties());
        return new Site("Nessie · S3", Site.engine(catalog), storage::locate)
                .configured(
                        "type: rest\nuri: \"%s\"\n".formatted(nessie.uri()) + s3("http://127.0.0.1:" + storage.port()),
                        S3_SECRET)
                .with(storage, nessie, catalog);
    }

    /**
     * Nessie behind Keycloak, of which the service and {@code sink} are two clients. Between {@code sink} and Nessie is
     * a wire.
     */
    public static Site nessieBehindKeycloak(
            S3Server storage, Nessie nessie, Keycloak keycloak, Keycloak.Client service, Keycloak.Client sink) {
        Map<String, String> properties = new HashMap<>(storage.properties());
        properties.put("credential", service.credential());
        properties.put("oauth2-server-uri", keycloak.tokenUri());
        properties.put("scope", Keycloak.SCOPE);
        properties.put("token-exchange-enabled", "false");
        RESTCatalog catalog = rest(nessie.uri(), properties);
        FaultyWire wire = FaultyWire.to(nessie.port());
        Map<String, String> secrets = new HashMap<>(S3_SECRET);
        secrets.put("LAKE_CREDENTIAL", sink.credential());
        return new Site("Nessie, OAuth2 · S3", Site.engine(catalog), storage::locate)
                .configured(
                        """
                        type: rest
                        uri: "%s/iceberg/"
                        credential: ${LAKE_CREDENTIAL}
                        oauth2-server-uri: "%s"
                        scope: %s
                        """.formatted(wire.uri(), keycloak.tokenUri(), Keycloak.SCOPE)
                                + s3("http://127.0.0.1:" + storage.port()),
                        secrets)
                .wired(wire, exchange -> exchange.method().equals("POST"))
                .with(catalog, wire);
    }

    /** The service's client of a REST catalog, with its namespace. */
    private static RESTCatalog rest(String uri, Map<String, String> more) {
        Map<String, String> properties = new HashMap<>(more);
        properties.put("uri", uri);
        properties.put("io-impl", RoutedFileIO.class.getName());
        RESTCatalog catalog = new RESTCatalog();
        catalog.initialize("lake", properties);
        catalog.createNamespace(Namespace.of(Site.NAMESPACE));
        return catalog;
    }

    private static String s3(String endpoint) {
        return S3.formatted(endpoint, S3Server.KEY_ID);
    }
}
