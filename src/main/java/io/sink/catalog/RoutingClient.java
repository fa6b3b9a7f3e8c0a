package io.sink.catalog;

import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;

/**
 * A REST client that keeps {@link RoutedFileIO} in use if a server names another class of storage: that class then
 * serves behind it.
 *
 * @ref LLP 0010#storage-classes
 */
final class RoutingClient extends DelegatingClient {

    RoutingClient(RESTClient client) {
        super(client);
    }

    @Override
    RESTClient over(RESTClient authenticated) {
        return new RoutingClient(authenticated);
    }

    @Override
    RESTResponse received(String path, RESTResponse response) {
        if (response instanceof ConfigResponse config && (names(config.defaults()) || names(config.overrides()))) {
            return ConfigResponse.builder()
                    .withDefaults(RoutedFileIO.behind(config.defaults()))
                    .withOverrides(RoutedFileIO.behind(config.overrides()))
                    .withEndpoints(config.endpoints())
                    .withIdempotencyKeyLifetime(config.idempotencyKeyLifetime())
                    .build();
        }
        if (response instanceof LoadTableResponse loaded && names(loaded.config())) {
            return LoadTableResponse.builder()
                    .withTableMetadata(loaded.tableMetadata())
                    .addAllConfig(RoutedFileIO.behind(loaded.config()))
                    .addAllCredentials(loaded.credentials())
                    .withRemoteSigningConfig(loaded.remoteSigningConfig())
                    .withLabels(loaded.labels())
                    .build();
        }
        return response;
    }

    private static boolean names(Map<String, String> properties) {
        return properties.containsKey(CatalogProperties.FILE_IO_IMPL);
    }
}
