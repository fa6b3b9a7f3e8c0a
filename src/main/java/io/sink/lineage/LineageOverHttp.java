package io.sink.lineage;

import io.openlineage.client.OpenLineage.RunEvent;
import io.openlineage.client.transports.ApiKeyTokenProvider;
import io.openlineage.client.transports.HttpConfig;
import io.openlineage.client.transports.HttpTransport;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts events to a lineage service. Maintenance never waits for it twice: after the first event that the service does
 * not accept within 5 seconds no event is sent any more, and the log says so.
 */
public final class LineageOverHttp implements Consumer<RunEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(LineageOverHttp.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String shown;
    private final HttpTransport transport;
    private boolean failed;

    /**
     * @param url of the service; {@code /api/v1/lineage} is added where it has no path, and what stands before an
     *     {@code @} is sent as basic authentication
     * @param apiKey sent as bearer token, or null; not given beside a user
     */
    public LineageOverHttp(URI url, @Nullable String apiKey) {
        URI bare = without(url, url.getRawQuery());
        this.shown = shown(url);
        HttpConfig config = new HttpConfig();
        config.setUrl(bare);
        config.setTimeoutInMillis((int) PATIENCE.toMillis());
        String user = url.getUserInfo();
        if (user != null) {
            String basic = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
            config.setHeaders(Map.of("Authorization", "Basic " + basic));
        }
        if (apiKey != null) {
            ApiKeyTokenProvider token = new ApiKeyTokenProvider();
            token.setApiKey(apiKey);
            config.setAuth(token);
        }
        this.transport = new HttpTransport(config);
    }

    /** The URL as it may be printed. */
    static String shown(URI url) {
        return without(url, null).toString();
    }

    /** The URL without its user, and with this query. */
    private static URI without(URI url, @Nullable String query) {
        String authority = url.getRawAuthority();
        String host = authority == null ? "" : authority.substring(authority.lastIndexOf('@') + 1);
        return URI.create(url.getScheme() + "://" + host + (url.getRawPath() == null ? "" : url.getRawPath())
                + (query == null ? "" : "?" + query));
    }

    @Override
    public void accept(RunEvent event) {
        if (failed) {
            return;
        }
        try {
            transport.emit(event);
        } catch (RuntimeException e) {
            failed = true;
            LOG.warn("lineage events are not sent any more, since {} did not accept one: {}", shown, e.getMessage());
        }
    }
}
