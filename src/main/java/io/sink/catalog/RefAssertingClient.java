package io.sink.catalog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.rest.RESTClient;
import org.apache.iceberg.rest.RESTRequest;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.LoadTableResponse;

/**
 * A REST client that adds a requirement to every commit which removes snapshots: each ref is where it was last read.
 *
 * <p>By itself such a commit requires nothing but the table's UUID. If {@code main} were rolled back meanwhile to a
 * snapshot that the commit removes, it would be dropped and the table would read empty. With this it is a conflict.
 *
 * @ref LLP 0006#rest-refs
 */
final class RefAssertingClient extends DelegatingClient {
    /** Far more than the tables at work at once. */
    private static final int TABLES_REMEMBERED = 256;

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
        super(client);
        this.refsByPath = refsByPath;
    }

    @Override
    RESTClient over(RESTClient authenticated) {
        return new RefAssertingClient(authenticated, refsByPath);
    }

    @Override
    RESTResponse received(String path, RESTResponse response) {
        if (response instanceof LoadTableResponse loaded && loaded.tableMetadata() != null) {
            refsByPath.put(path, loaded.tableMetadata().refs());
        }
        return response;
    }

    @Override
    RESTRequest sending(String path, RESTRequest body) {
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
}
