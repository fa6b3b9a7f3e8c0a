package io.sink.catalog;

import io.sink.table.Causes;
import io.sink.text.Human;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.rest.ParserContext;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTRequest;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.auth.OAuth2Properties;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.jspecify.annotations.Nullable;

/**
 * A REST client that bounds the time of each request as a whole, with its retries and their pauses, and that stops
 * waiting when its thread is interrupted. By itself Iceberg's client bounds only the silence of a server: an answer
 * that drips never ends, and {@code Retry-After: 86400} is slept through.
 *
 * @ref LLP 0025#requests
 */
final class BoundedClient extends DelegatingClient {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "sink-request");
        thread.setDaemon(true);
        return thread;
    });

    /** Notes at a failure that it is one of a request for a token. */
    static final class TokenRequest extends Exception {
        private static final long serialVersionUID = 1L;

        final String endpoint;
        final String scope;

        TokenRequest(String endpoint, String scope) {
            super("POST " + endpoint, null, false, false);
            this.endpoint = endpoint;
            this.scope = scope;
        }

        /** The request for a token in which a failure has its cause, if there is one. */
        static Optional<TokenRequest> of(Throwable failure) {
            return Causes.of(failure).stream()
                    .flatMap(cause -> Arrays.stream(cause.getSuppressed()))
                    .filter(TokenRequest.class::isInstance)
                    .map(TokenRequest.class::cast)
                    .findFirst();
        }
    }

    private final Duration bound;

    /** @param bound how long a request may take until its answer has been read to the end */
    BoundedClient(RESTClient client, Duration bound) {
        super(client);
        this.bound = bound;
    }

    @Override
    RESTClient over(RESTClient authenticated) {
        return new BoundedClient(authenticated, bound);
    }

    @Override
    RESTResponse received(String path, RESTResponse response) {
        return response;
    }

    /** Runs the request on its own thread, which is interrupted and left behind, so that the caller never hangs. */
    private <T extends @Nullable Object> T bounded(String method, String path, Callable<T> request) {
        Future<T> answer = THREADS.submit(request);
        try {
            return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new RESTException(
                    e,
                    "%s %s was not answered to the end within %s (%s), repetitions and the pauses that the server asked"
                            + " for included",
                    method,
                    path,
                    Human.duration(bound),
                    Catalogs.REQUEST_TIMEOUT);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new RESTException(e, "%s %s was given up", method, path);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new RESTException(e, "%s %s failed", method, path);
        }
    }

    @Override
    public <T extends RESTResponse> T post(
            String path,
            RESTRequest body,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return bounded("POST", path, () -> super.post(path, body, responseType, headers, errorHandler));
    }

    @Override
    public <T extends RESTResponse> T post(
            String path,
            RESTRequest body,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> responseHeaders) {
        return bounded(
                "POST", path, () -> super.post(path, body, responseType, headers, errorHandler, responseHeaders));
    }

    @Override
    public <T extends RESTResponse> T post(
            String path,
            RESTRequest body,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> responseHeaders,
            @Nullable ParserContext context) {
        return bounded(
                "POST",
                path,
                () -> super.post(path, body, responseType, headers, errorHandler, responseHeaders, context));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return bounded("GET", path, () -> super.get(path, queryParams, responseType, headers, errorHandler));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> responseHeaders) {
        return bounded(
                "GET", path, () -> super.get(path, queryParams, responseType, headers, errorHandler, responseHeaders));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            @Nullable ParserContext context) {
        return bounded("GET", path, () -> super.get(path, queryParams, responseType, headers, errorHandler, context));
    }

    @Override
    public void head(String path, Map<String, String> headers, Consumer<ErrorResponse> errorHandler) {
        bounded("HEAD", path, () -> {
            super.head(path, headers, errorHandler);
            return null;
        });
    }

    @Override
    public <T extends RESTResponse> T delete(
            String path, Class<T> responseType, Map<String, String> headers, Consumer<ErrorResponse> errorHandler) {
        return bounded("DELETE", path, () -> super.delete(path, responseType, headers, errorHandler));
    }

    @Override
    public <T extends RESTResponse> T delete(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return bounded("DELETE", path, () -> super.delete(path, queryParams, responseType, headers, errorHandler));
    }

    @Override
    public <T extends RESTResponse> T postForm(
            String path,
            Map<String, String> formData,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        try {
            return bounded("POST", path, () -> super.postForm(path, formData, responseType, headers, errorHandler));
        } catch (RuntimeException e) {
            // Nothing but a token is asked for in a form, and no message of the client says where.
            e.addSuppressed(new TokenRequest(path, formData.getOrDefault(OAuth2Properties.SCOPE, "")));
            throw e;
        }
    }
}
