package io.sink.catalog;

import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.apache.iceberg.rest.responses.OAuthTokenResponse;

/**
 * A REST client that reports whatever a server sends that could be a secret: tokens, vended keys, properties.
 *
 * <p>No configuration has these, and servers repeat them in their error messages.
 *
 * @ref LLP 0000#secrets
 */
final class SecretNotingClient extends DelegatingClient {
    private final Consumer<Map<String, String>> givenOut;

    /** @param givenOut is told of properties before they are used */
    SecretNotingClient(RESTClient client, Consumer<Map<String, String>> givenOut) {
        super(client);
        this.givenOut = givenOut;
    }

    @Override
    RESTClient over(RESTClient authenticated) {
        return new SecretNotingClient(authenticated, givenOut);
    }

    @Override
    RESTResponse received(String path, RESTResponse response) {
        if (response instanceof OAuthTokenResponse granted) {
            givenOut.accept(Map.of("token", granted.token()));
        } else if (response instanceof ConfigResponse config) {
            givenOut.accept(config.defaults());
            givenOut.accept(config.overrides());
        } else if (response instanceof LoadTableResponse loaded) {
            givenOut.accept(loaded.config());
            loaded.credentials().forEach(credential -> givenOut.accept(credential.config()));
        }
        return response;
    }
}
