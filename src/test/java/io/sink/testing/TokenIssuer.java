package io.sink.testing;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An OAuth2 token endpoint that knows one client, as an identity provider is: a token for the right id and secret, no
 * exchange of tokens, and none lives longer than it says. At a {@link RestServer}'s door it turns away everybody else.
 */
public final class TokenIssuer {
    static final String PATH = "/oauth/token";

    private final String id;
    private final String secret;
    private final Duration life;
    private final Map<String, Instant> ends = new ConcurrentHashMap<>();
    private final List<String> issued = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusedGrants = new AtomicInteger();
    private final AtomicInteger turnedAway = new AtomicInteger();
    private volatile @Nullable String refusal;

    /** @param life how long each token is good, in whole seconds */
    public TokenIssuer(String id, String secret, Duration life) {
        this.id = id;
        this.secret = secret;
        this.life = life;
    }

    /** The client's {@code credential}. */
    public String credential() {
        return id + ":" + secret;
    }

    /** Every token so far, in order. */
    public List<String> issued() {
        return List.copyOf(issued);
    }

    /** How often something other than the right client credentials was presented for a token. */
    public int refusedGrants() {
        return refusedGrants.get();
    }

    /** How many requests came without a valid token. */
    public int turnedAway() {
        return turnedAway.get();
    }

    /** A token that is good until it is {@link #revoke revoked} or its life ends. */
    public String issue() {
        String token = "tok-" + UUID.randomUUID();
        ends.put(token, Instant.now().plus(life));
        issued.add(token);
        return token;
    }

    /** Answers whoever asks for a token with this error of RFC 6749. */
    public void refuse(String error) {
        refusal = error;
    }

    /** Makes every token so far worthless. */
    public void revoke() {
        ends.clear();
    }

    /** Whether the request was for a token or had no valid one, and has its answer. */
    boolean answered(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getRequestURI().equals(PATH)) {
            grant(request, response);
            return true;
        }
        String token = token(request.getHeader("Authorization"));
        if (Instant.now().isBefore(ends.getOrDefault(token, Instant.MIN))) {
            return false;
        }
        turnedAway.incrementAndGet();
        // says the token, as some servers do
        write(
                response,
                401,
                "{\"error\":{\"message\":\"not valid: %s\",\"type\":\"NotAuthorizedException\",\"code\":401}}"
                        .formatted(token));
        return true;
    }

    private static String token(@Nullable String authorization) {
        return authorization != null && authorization.startsWith("Bearer ")
                ? authorization.substring("Bearer ".length())
                : "";
    }

    private void grant(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean known = Objects.equals(request.getParameter("client_id"), id)
                && Objects.equals(request.getParameter("client_secret"), secret);
        boolean grant = Objects.equals(request.getParameter("grant_type"), "client_credentials");
        String always = refusal;
        if (!known || !grant || always != null) {
            refusedGrants.incrementAndGet();
            String usual = grant ? "invalid_client" : "unauthorized_client";
            String error = always == null ? usual : always;
            write(
                    response,
                    grant ? 401 : 400,
                    "{\"error\":\"%s\",\"error_description\":\"of %s\"}"
                            .formatted(error, request.getParameter("client_secret")));
            return;
        }
        write(
                response,
                200,
                "{\"access_token\":\"%s\",\"token_type\":\"bearer\",\"expires_in\":%d}"
                        .formatted(issue(), life.toSeconds()));
    }

    private static void write(HttpServletResponse response, int status, String json) throws IOException {
        response.setStatus(status);
        response.setContentType("application/json");
        response.getOutputStream().write(json.getBytes(StandardCharsets.UTF_8));
    }
}
