package io.sink.testing;

import io.sink.testing.RestServer.Interceptor;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Lets a catalog's readings pass only with an AWS signature (SigV4) of the right key, and counts them. */
public final class SignedOnly implements Interceptor {
    private static final Pattern AUTHORIZATION =
            Pattern.compile("AWS4-HMAC-SHA256 Credential=([^/]+)/\\d+/([^/]+)/([^/]+)/aws4_request, "
                    + "SignedHeaders=([^,]+), Signature=([0-9a-f]{64})");
    private static final DateTimeFormatter AT =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final AwsCredentialsIdentity key;
    private int passed;
    private int refused;

    public SignedOnly(String id, String secret) {
        this.key = AwsCredentialsIdentity.create(id, secret);
    }

    public synchronized int passed() {
        return passed;
    }

    public synchronized int refused() {
        return refused;
    }

    @Override
    public synchronized Answer before(HttpServletRequest request) {
        if (isSigned(request)) {
            passed++;
            return Answer.PASS;
        }
        refused++;
        return Answer.status(403, "ForbiddenException");
    }

    private boolean isSigned(HttpServletRequest request) {
        Matcher said = AUTHORIZATION.matcher(String.valueOf(request.getHeader("Authorization")));
        return said.matches() && said.group(5).equals(signature(request, said));
    }

    private @Nullable String signature(HttpServletRequest request, Matcher said) {
        String query = request.getQueryString() == null ? "" : "?" + request.getQueryString();
        SdkHttpRequest.Builder again = SdkHttpRequest.builder()
                .uri(URI.create(request.getRequestURL() + query))
                .method(SdkHttpMethod.fromValue(request.getMethod()));
        for (String header : said.group(4).split(";")) {
            if (!header.equals("x-amz-date")) {
                again.putHeader(header, request.getHeader(header));
            }
        }
        Instant at = Instant.from(AT.parse(request.getHeader("X-Amz-Date")));
        String authorization = AwsV4HttpSigner.create()
                .sign(sign -> sign.identity(key)
                        .request(again.build())
                        .putProperty(AwsV4HttpSigner.REGION_NAME, said.group(2))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, said.group(3))
                        .putProperty(AwsV4HttpSigner.SIGNING_CLOCK, Clock.fixed(at, ZoneOffset.UTC)))
                .request()
                .firstMatchingHeader("Authorization")
                .orElse("");
        Matcher own = AUTHORIZATION.matcher(authorization);
        return own.matches() ? own.group(5) : null;
    }
}
