package io.sink.catalog;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.rest.ParserContext;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTRequest;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.auth.AuthSession;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.jspecify.annotations.Nullable;

/** A REST client that passes on every request; subclasses can change what is sent and see what comes back. */
abstract class DelegatingClient implements RESTClient {
    private final RESTClient client;

    DelegatingClient(RESTClient client) {
        this.client = client;
    }

    /** Wraps the client of a session with its own authentication as this one is wrapped. */
    abstract RESTClient over(RESTClient authenticated);

    /** Returns the body to send in place of this one. */
    RESTRequest sending(String path, RESTRequest body) {
        return body;
    }

    /** Returns the answer to hand on in place of this one, which is no error. */
    abstract RESTResponse received(String path, RESTResponse response);

    private <T extends RESTResponse> T seen(String path, Class<T> responseType, T response) {
        // null if the server says that nothing changed
        return response == null ? response : responseType.cast(received(path, response));
    }

    @Override
    public <T extends RESTResponse> T post(
            String path,
            RESTRequest body,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return seen(path, responseType, client.post(path, sending(path, body), responseType, headers, errorHandler));
    }

    @Override
    public <T extends RESTResponse> T post(
            String path,
            RESTRequest body,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> responseHeaders) {
        return seen(
                path,
                responseType,
                client.post(path, sending(path, body), responseType, headers, errorHandler, responseHeaders));
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
        return seen(
                path,
                responseType,
                client.post(path, sending(path, body), responseType, headers, errorHandler, responseHeaders, context));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return seen(path, responseType, client.get(path, queryParams, responseType, headers, errorHandler));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> responseHeaders) {
        return seen(
                path,
                responseType,
                client.get(path, queryParams, responseType, headers, errorHandler, responseHeaders));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            @Nullable ParserContext context) {
        return seen(path, responseType, client.get(path, queryParams, responseType, headers, errorHandler, context));
    }

    @Override
    public void head(String path, Map<String, String> headers, Consumer<ErrorResponse> errorHandler) {
        client.head(path, headers, errorHandler);
    }

    @Override
    public <T extends RESTResponse> T delete(
            String path, Class<T> responseType, Map<String, String> headers, Consumer<ErrorResponse> errorHandler) {
        return client.delete(path, responseType, headers, errorHandler);
    }

    @Override
    public <T extends RESTResponse> T delete(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return client.delete(path, queryParams, responseType, headers, errorHandler);
    }

    @Override
    public <T extends RESTResponse> T postForm(
            String path,
            Map<String, String> formData,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return seen(path, responseType, client.postForm(path, formData, responseType, headers, errorHandler));
    }

    @Override
    public RESTClient withAuthSession(AuthSession session) {
        return over(client.withAuthSession(session));
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
