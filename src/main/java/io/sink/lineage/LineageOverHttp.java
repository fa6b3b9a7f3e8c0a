package io.sink.lineage;

import io.openlineage.client.OpenLineage.RunEvent;
import io.openlineage.client.transports.ApiKeyTokenProvider;
import io.openlineage.client.transports.HttpConfig;
import io.openlineage.client.transports.HttpTransport;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts events to a lineage service. Maintenance never waits for it twice: after the first event that it does not take within 5
 * seconds none is sent any more, and the log says so.
 */
public final class LineageOverHttp implements Consumer<RunEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(LineageOverHttp.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final URI url;
    private final HttpTransport transport;
    private boolean failed;

    /**
     * @param url of the service; {@code /api/v1/lineage} is added where it has no path
     * @param apiKey sent as bearer token, or null
     */
    public LineageOverHttp(URI url, @Nullable String apiKey) {
        this.url = url;
        HttpConfig config = new HttpConfig();
        config.setUrl(url);
        config.setTimeoutInMillis((int) PATIENCE.toMillis());
        if (apiKey != null) {
            ApiKeyTokenProvider token = new ApiKeyTokenProvider();
            token.setApiKey(apiKey);
            config.setAuth(token);
        }
        this.transport = new HttpTransport(config);
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
            LOG.warn("lineage events are not sent any more, {} did not take one: {}", url, e.getMessage());
        }
    }
}
