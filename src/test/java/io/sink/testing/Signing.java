package io.sink.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.testing.RestServer.Interceptor;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** A catalog that signs its clients' storage requests: its tables say so, and it alone has the key. */
public final class Signing implements Interceptor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> UNSIGNED = Set.of(
            "range", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-retry", "amz-sdk-request", "user-agent", "expect");

    private final S3Server storage;
    private final Map<String, String> more;
    private final AtomicInteger signed = new AtomicInteger();

    /** @param more is what it says of its tables besides */
    public Signing(S3Server storage, Map<String, String> more) {
        this.storage = storage;
        this.more = Map.copyOf(more);
    }

    /** Requests that were signed. */
    public int signed() {
        return signed.get();
    }

    @Override
    public Answer before(HttpServletRequest request) throws IOException {
        if (!request.getRequestURI().endsWith("/sign")) {
            return Answer.PASS;
        }
        JsonNode asked = JSON.readTree(request.getInputStream());
        signed.incrementAndGet();
        ObjectNode answer = JSON.createObjectNode().put("uri", asked.path("uri").asText());
        ObjectNode headers = answer.putObject("headers");
        sign(asked)
                .request()
                .headers()
                .forEach((name, values) ->
                        values.forEach(value -> headers.withArrayProperty(name).add(value)));
        return new Body(answer.toString(), Map.of());
    }

    private static SignedRequest sign(JsonNode asked) {
        URI uri = URI.create(asked.path("uri").asText());
        SdkHttpRequest.Builder request = SdkHttpRequest.builder()
                .uri(uri)
                .protocol("https") // no part of what is signed; over http this signer would want the body
                .method(SdkHttpMethod.fromValue(asked.path("method").asText()))
                .putHeader("Host", uri.getAuthority());
        asked.path("headers").fields().forEachRemaining(header -> {
            if (!UNSIGNED.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                request.putHeader(header.getKey(), header.getValue().path(0).asText());
            }
        });
        return AwsV4HttpSigner.create()
                .sign(sign -> sign.identity(AwsCredentialsIdentity.create(S3Server.KEY_ID, S3Server.SECRET))
                        .request(request.build())
                        .putProperty(
                                AwsV4HttpSigner.REGION_NAME,
                                asked.path("region").asText())
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                        .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                        .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                        .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, false));
    }

    @Override
    public String body(String method, String path, String body) {
        try {
            if (JSON.readTree(body) instanceof ObjectNode answer && answer.has("metadata")) {
                ObjectNode config = answer.withObject("/config");
                more.forEach(config::put);
                Map.of(
                                "s3.remote-signing-enabled",
                                "true",
                                "s3.endpoint",
                                "http://127.0.0.1:" + storage.port(),
                                "s3.path-style-access",
                                "true",
                                "client.region",
                                "us-east-1")
                        .forEach(config::put);
                return answer.toString();
            }
            return body;
        } catch (JsonProcessingException e) {
            return body;
        }
    }
}
