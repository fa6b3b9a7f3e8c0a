package io.sink.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.testing.RestServer.Interceptor;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A catalog that vends keys to its tables' storage: they end after a while, they come only where the client asks for
 * delegation, and the storage behind {@link #endpoint} knows them.
 */
public final class Vending implements Interceptor, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXPIRED = "<Error><Code>ExpiredToken</Code><Message>%s has ended</Message></Error>";

    private final Duration life;
    private final FaultyWire wire;
    private final Map<String, Instant> ends = new ConcurrentHashMap<>();
    private final List<String> vended = new CopyOnWriteArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger renewed = new AtomicInteger();
    private final ThreadLocal<Boolean> delegating = ThreadLocal.withInitial(() -> false);
    private volatile Map<String, String> config = Map.of();

    private Vending(S3Server storage, Duration life) {
        this.life = life;
        this.wire = FaultyWire.to(storage.port());
        wire.plan(this::gate);
    }

    /** Vends keys to this storage, each good for so long. */
    public static Vending of(S3Server storage, Duration life) {
        return new Vending(storage, life);
    }

    /** Answers with these properties of a table besides. */
    public Vending with(Map<String, String> more) {
        this.config = Map.copyOf(more);
        return this;
    }

    /** The storage for who has a vended key. */
    public String endpoint() {
        return wire.uri();
    }

    /** Every session token so far. */
    public List<String> vended() {
        return List.copyOf(vended);
    }

    /** How often the storage was asked with a key that had ended, or with none that was vended. */
    public int refused() {
        return refused.get();
    }

    /** How often keys were asked for anew. */
    public int renewed() {
        return renewed.get();
    }

    /** Storage requests that got through. */
    public int requests() {
        return wire.requests() - refused();
    }

    private WireFault gate(Exchange exchange) {
        String token = exchange.header("x-amz-security-token");
        if (Instant.now().isBefore(ends.getOrDefault(token, Instant.MIN))) {
            return WireFault.NONE;
        }
        refused.incrementAndGet();
        return WireFault.refused(403, Map.of("Content-Type", "application/xml"), EXPIRED.formatted(token));
    }

    @Override
    public Answer before(HttpServletRequest request) throws IOException {
        delegating.set("vended-credentials".equals(request.getHeader("X-Iceberg-Access-Delegation")));
        if (request.getRequestURI().endsWith("/credentials")) {
            renewed.incrementAndGet();
            ObjectNode answer = JSON.createObjectNode();
            vend(answer.putArray("storage-credentials").addObject());
            return new Body(answer.toString(), Map.of());
        }
        return Answer.PASS;
    }

    @Override
    public String body(String method, String path, String body) {
        try {
            if (!path.matches(".*/namespaces/[^/]+/tables/[^/]+")
                    || !(JSON.readTree(body) instanceof ObjectNode answer)
                    || !answer.has("metadata")) {
                return body;
            }
            ObjectNode properties = answer.withObject("/config");
            config.forEach(properties::put);
            properties.put("s3.endpoint", endpoint());
            properties.put("s3.path-style-access", "true");
            properties.put("client.region", "us-east-1");
            if (delegating.get()) {
                properties.put("client.refresh-credentials-endpoint", path.substring(1) + "/credentials");
                vend(answer.putArray("storage-credentials").addObject());
            }
            return answer.toString();
        } catch (JsonProcessingException e) {
            return body;
        }
    }

    private void vend(ObjectNode credential) {
        String token = "vended-" + UUID.randomUUID();
        Instant end = Instant.now().plus(life);
        ends.put(token, end);
        vended.add(token);
        credential.put("prefix", "s3://" + S3Server.BUCKET);
        credential
                .putObject("config")
                .put("s3.access-key-id", S3Server.KEY_ID)
                .put("s3.secret-access-key", S3Server.SECRET)
                .put("s3.session-token", token)
                .put("s3.session-token-expires-at-ms", String.valueOf(end.toEpochMilli()));
    }

    @Override
    public void close() {
        wire.close();
    }
}
