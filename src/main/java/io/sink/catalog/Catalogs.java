package io.sink.catalog;

import io.sink.table.Failures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.rest.HTTPClient;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.rest.RESTUtil;
import org.apache.iceberg.rest.auth.OAuth2Properties;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;

/** Opens the catalogs of a configuration. */
public final class Catalogs {

    /** Where {@code blob://} locations are rooted; a property of {@code type: path}. */
    static final String BLOB_ROOT = "blob-root";

    /**
     * A property of {@code type: path} on S3: the operator vouches that nobody else writes these tables. Commits are
     * then allowed on a store without conditional writes.
     */
    static final String SINGLE_WRITER = "single-writer";

    /** How many milliseconds a request to a REST catalog may take as a whole; a property of {@code type: rest}. */
    static final String REQUEST_TIMEOUT = "request-timeout-ms";

    private static final int REQUEST_TIMEOUT_MILLIS = 300_000;

    private Catalogs() {}

    /**
     * Opens one catalog. Opening and reading never write: a missing database, table or column is not created.
     *
     * @param name its name in the configuration; Iceberg's JDBC catalog finds its tables by this name
     * @param type {@code jdbc}, {@code rest}, {@code path} or another of Iceberg's types; ignored where the properties
     *     name a {@code catalog-impl}
     * @param properties Iceberg's own properties, as in any other engine
     * @param baseDirectory where relative paths among the properties start from: the configuration file's directory
     * @param givenOut is told of the properties that a catalog's server sends, among them tokens and storage keys
     * @throws CatalogUnreachableException if it cannot be opened
     */
    public static TableSource open(
            String name,
            String type,
            Map<String, String> properties,
            Path baseDirectory,
            Consumer<Map<String, String>> givenOut) {
        try {
            if (properties.containsKey(CatalogProperties.CATALOG_IMPL)) {
                return new CatalogSource(name, other(name, null, properties));
            }
            return switch (type) {
                case "jdbc" ->
                    new CatalogSource(
                            name,
                            JdbcCatalogs.open(name, properties, baseDirectory),
                            JdbcCatalogs.isEmbedded(properties));
                case "rest" -> new CatalogSource(name, rest(name, properties, givenOut));
                case "hadoop" ->
                    throw new CatalogUnreachableException(
                            name, "a Hadoop catalog's tables are directories: type: path serves them");
                case "path" -> path(name, properties, baseDirectory);
                default -> new CatalogSource(name, other(name, type, properties));
            };
        } catch (CatalogUnreachableException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw BoundedClient.TokenRequest.of(e)
                    .map(request -> noToken(name, properties, request, e))
                    .orElseGet(() -> new CatalogUnreachableException(name, e));
        }
    }

    private static CatalogUnreachableException noToken(
            String name, Map<String, String> properties, BoundedClient.TokenRequest request, Throwable e) {
        return new CatalogUnreachableException(
                name,
                "no token from %s%s, for scope \"%s\"%s: %s"
                        .formatted(
                                request.endpoint,
                                properties.containsKey(OAuth2Properties.OAUTH2_SERVER_URI)
                                        ? ""
                                        : " (oauth2-server-uri is not set)",
                                request.scope,
                                properties.containsKey(OAuth2Properties.SCOPE) ? "" : " (scope is not set)",
                                Failures.message(e)),
                e);
    }

    /** Properties set here win over the server's defaults, and its overrides win over them. */
    private static Catalog rest(String name, Map<String, String> properties, Consumer<Map<String, String>> givenOut) {
        String uri = properties.get(CatalogProperties.URI);
        if (uri != null && !uri.contains("://")) {
            throw new CatalogUnreachableException(
                    name, "uri \"" + uri + "\" has no scheme: write https://" + uri + " or http://" + uri);
        }
        Map<String, String> complete = new HashMap<>(RoutedFileIO.inFrontOf(properties));
        complete.put(VendedProperties.PROPERTY, VendedProperties.register(givenOut));
        // By itself the client waits for ever for a server that accepts and never answers.
        complete.putIfAbsent("rest.client.connection-timeout-ms", "30000");
        complete.putIfAbsent("rest.client.socket-timeout-ms", "120000");
        if (complete.containsKey(OAuth2Properties.CREDENTIAL)) {
            // By itself the client renews a token by exchanging it, which identity providers refuse, and then never
            // tries again: the run would end with 401 when its first token does.
            complete.putIfAbsent(OAuth2Properties.TOKEN_EXCHANGE_ENABLED, "false");
        }
        Duration bound =
                Duration.ofMillis(PropertyUtil.propertyAsInt(properties, REQUEST_TIMEOUT, REQUEST_TIMEOUT_MILLIS));
        return initialized(
                new RESTCatalog(config -> new WholeListingClient(new RefAssertingClient(
                        new RoutingClient(new SecretNotingClient(new BoundedClient(http(config), bound), givenOut))))),
                name,
                complete);
    }

    private static HTTPClient http(Map<String, String> config) {
        return HTTPClient.builder(config)
                .uri(config.get(CatalogProperties.URI))
                .withHeaders(RESTUtil.configHeaders(config))
                .build();
    }

    /** The other catalogs often default to Hadoop's storage, so they are given ours. */
    private static Catalog other(String name, @Nullable String type, Map<String, String> properties) {
        Map<String, String> complete = new HashMap<>(RoutedFileIO.inFrontOf(properties));
        complete.remove(CatalogUtil.ICEBERG_CATALOG_TYPE);
        if (type != null) {
            complete.put(CatalogUtil.ICEBERG_CATALOG_TYPE, type);
        }
        return CatalogUtil.buildIcebergCatalog(name, complete, null);
    }

    private static TableSource path(String name, Map<String, String> properties, Path baseDirectory) {
        String warehouse = properties.get(CatalogProperties.WAREHOUSE_LOCATION);
        if (warehouse == null || warehouse.isBlank()) {
            throw new CatalogUnreachableException(
                    name, "'warehouse' is missing; set it to the directory that holds the tables");
        }
        String blobRoot = properties.get(BLOB_ROOT);
        String resolvedRoot = blobRoot == null ? null : LocalLocation.resolve(blobRoot, baseDirectory);
        if (S3Location.isS3(warehouse)) {
            return onS3(name, S3Location.of(warehouse), properties, resolvedRoot);
        }
        if (!LocalLocation.isLocal(warehouse)) {
            throw new CatalogUnreachableException(
                    name, "tables by path are read on local disk and on S3 only, not at " + warehouse);
        }
        Path root = LocalLocation.path(LocalLocation.resolve(warehouse, baseDirectory));
        if (!Files.isDirectory(root)) {
            throw new CatalogUnreachableException(name, "no such directory: " + root);
        }
        RoutedFileIO store = new RoutedFileIO();
        store.initialize(properties);
        BlobFileIO blobs = resolvedRoot == null ? null : new BlobFileIO(store, resolvedRoot);
        return new PathTables(name, new LocalWarehouse(root), blobs == null ? store : blobs, blobs);
    }

    private static TableSource onS3(
            String name, S3Location root, Map<String, String> properties, @Nullable String blobRoot) {
        RoutedFileIO store = new RoutedFileIO();
        store.initialize(properties);
        BlobFileIO blobs = blobRoot == null ? null : new BlobFileIO(store, blobRoot);
        S3Warehouse warehouse = new S3Warehouse(
                root,
                store,
                new S3Requests(store.properties()),
                PropertyUtil.propertyAsBoolean(properties, SINGLE_WRITER, false));
        GuardedFileIO guarded = new GuardedFileIO(blobs == null ? store : blobs, warehouse::requireExclusiveCreation);
        return new PathTables(name, warehouse, guarded, blobs);
    }

    static <C extends Catalog> C initialized(C catalog, String name, Map<String, String> properties) {
        try {
            catalog.initialize(name, properties);
            return catalog;
        } catch (RuntimeException e) {
            closeQuietly(catalog, e);
            throw e;
        }
    }

    static void closeQuietly(Catalog catalog, RuntimeException failure) {
        if (catalog instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
