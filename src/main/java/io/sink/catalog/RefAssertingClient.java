package io.sink.catalog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTRequest;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.auth.AuthSession;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;

/**
 * A REST client that adds to every commit which removes snapshots that each ref is where it was when last read.
 *
 * <p>By itself such a commit requires nothing but the table's UUID: a rollback to a snapshot that is just being expired
 * would drop {@code main}, and the table would read empty. With this it is a conflict.
 *
 * @ref LLP 0006#rest-refs
 */
final class RefAssertingClient implements RESTClient {
    /** Tables at work at once are far fewer. */
    private static final int TABLES_REMEMBERED = 256;

    private final RESTClient client;
    private final Map<String, Map<String, SnapshotRef>> refsByPath;

    RefAssertingClient(RESTClient client) {
        this(client, Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Map<String, SnapshotRef>> eldest) {
                return size() > TABLES_REMEMBERED;
            }
        }));
    }

    private RefAssertingClient(RESTClient client, Map<String, Map<String, SnapshotRef>> refsByPath) {
        this.client = client;
        this.refsByPath = refsByPath;
    }

    private <T extends RESTResponse> T seen(String path, T response) {
        if (response instanceof LoadTableResponse loaded && loaded.tableMetadata() != null) {
            refsByPath.put(path, loaded.tableMetadata().refs());
        }
        return response;
    }

    private RESTRequest asserting(String path, RESTRequest body) {
        boolean removes = body instanceof UpdateTableRequest update
                && update.updates().stream().anyMatch(MetadataUpdate.RemoveSnapshots.class::isInstance);
        if (!removes) {
            return body;
        }
        UpdateTableRequest update = (UpdateTableRequest) body;
        List<UpdateRequirement> requirements = new ArrayList<>(update.requirements());
        Set<String> asserted = new HashSet<>();
        for (UpdateRequirement requirement : requirements) {
            if (requirement instanceof UpdateRequirement.AssertRefSnapshotID ref) {
                asserted.add(ref.refName());
            }
        }
        refsByPath.getOrDefault(path, Map.of()).forEach((name, ref) -> {
            if (!asserted.contains(name)) {
                requirements.add(new UpdateRequirement.AssertRefSnapshotID(name, ref.snapshotId()));
            }
        });
        return new UpdateTableRequest(requirements, update.updates());
    }

    @Override
    public <T extends RESTResponse> T post(
            String path,
            RESTRequest body,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return seen(path, client.post(path, asserting(path, body), responseType, headers, errorHandler));
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
                path, client.post(path, asserting(path, body), responseType, headers, errorHandler, responseHeaders));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler) {
        return seen(path, client.get(path, queryParams, responseType, headers, errorHandler));
    }

    @Override
    public <T extends RESTResponse> T get(
            String path,
            Map<String, String> queryParams,
            Class<T> responseType,
            Map<String, String> headers,
            Consumer<ErrorResponse> errorHandler,
            Consumer<Map<String, String>> responseHeaders) {
        return seen(path, client.get(path, queryParams, responseType, headers, errorHandler, responseHeaders));
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
        return client.postForm(path, formData, responseType, headers, errorHandler);
    }

    @Override
    public RESTClient withAuthSession(AuthSession session) {
        return new RefAssertingClient(client.withAuthSession(session), refsByPath);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
