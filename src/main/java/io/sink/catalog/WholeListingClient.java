package io.sink.catalog;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.rest.Endpoint;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.ListNamespacesResponse;
import org.apache.iceberg.rest.responses.ListTablesResponse;
import org.jspecify.annotations.Nullable;

/**
 * A REST client that accepts only an empty list as an empty listing. By itself Iceberg's client treats an answer
 * without a list as empty, as it does a server that does not announce the endpoint, which it never asks; and it follows
 * for ever a page token that leads to itself.
 *
 * @ref LLP 0019#sweep
 */
final class WholeListingClient extends DelegatingClient {
    private static final String TOKEN = "pageToken";
    private static final List<Endpoint> LISTINGS = List.of(Endpoint.V1_LIST_NAMESPACES, Endpoint.V1_LIST_TABLES);

    /** The largest catalogs have some thousands of pages. */
    private static final int MOST_PAGES = 100_000;

    /** The page tokens of each listing so far, by thread, path and parameters. */
    private final Map<String, Set<String>> tokens;

    WholeListingClient(RESTClient client) {
        this(client, new ConcurrentHashMap<>());
    }

    private WholeListingClient(RESTClient client, Map<String, Set<String>> tokens) {
        super(client);
        this.tokens = tokens;
    }

    @Override
    RESTClient over(RESTClient authenticated) {
        return new WholeListingClient(authenticated, tokens);
    }

    @Override
    RESTResponse received(String path, RESTResponse response) {
        if (!(response instanceof ConfigResponse config)
                || config.endpoints().isEmpty()
                || config.endpoints().containsAll(LISTINGS)) {
            return response;
        }
        // Without these the client would not ask, and answer that there is nothing.
        Set<Endpoint> asked = new LinkedHashSet<>(config.endpoints());
        asked.addAll(LISTINGS);
        return ConfigResponse.builder()
                .withDefaults(config.defaults())
                .withOverrides(config.overrides())
                .withEndpoints(List.copyOf(asked))
                .withIdempotencyKeyLifetime(config.idempotencyKeyLifetime())
                .build();
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        T answer = super.get(path, queryParams, responseType, headers, errorHandler);
        if (answer instanceof ListTablesResponse tables) {
            whole(path, queryParams, tables, tables.nextPageToken());
        } else if (answer instanceof ListNamespacesResponse namespaces) {
            whole(path, queryParams, namespaces, namespaces.nextPageToken());
        }
        return answer;
    }

    private void whole(String path, Map<String, String> asked, RESTResponse answer, @Nullable String next) {
        try {
            answer.validate();
        } catch (IllegalArgumentException e) {
            throw new RESTException(e, "the server answered the listing %s without a list: %s", path, e.getMessage());
        }
        Map<String, String> what = new TreeMap<>(asked);
        String token = what.remove(TOKEN);
        String listing = Thread.currentThread().getId() + " " + path + what;
        if (token == null || token.isEmpty()) {
            tokens.remove(listing);
        }
        if (next == null) {
            tokens.remove(listing);
        } else if (tokens.getOrDefault(listing, Set.of()).size() == MOST_PAGES) {
            tokens.remove(listing);
            throw new RESTException(
                    "the server's listing %s does not end: there are %s pages and more", path, MOST_PAGES);
        } else if (next.isEmpty()
                || !tokens.computeIfAbsent(listing, any -> new HashSet<>()).add(next)) {
            tokens.remove(listing);
            throw new RESTException(
                    "the server's listing %s does not end: after page token '%s' comes '%s'",
                    path, token == null ? "" : token, next);
        }
    }
}
