package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.aws.s3.S3FileIO;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Commits as icebird does, and shares no code with what is tested: lists, takes the highest {@code vN}, writes
 * {@code vN+1} with {@code If-None-Match: *}, tries up to 50 times, and then writes {@code version-hint.text} as best
 * it can.
 *
 * <p>What it commits is a snapshot that holds what the one before held.
 */
public final class IcebirdWriter implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VERSION = Pattern.compile(".*/v(\\d+)\\.metadata\\.json");
    private static final int ATTEMPTS = 50;
    private static final long ID_BOUND = 1L << 53;

    private final S3FileIO io;
    private final String bucket;
    private final String directory;

    /** @param tableKey the key of the table's directory, without a slash at its end */
    public IcebirdWriter(S3Server server, String bucket, String tableKey) {
        this.io = server.io();
        this.bucket = bucket;
        this.directory = tableKey + "/metadata/";
    }

    /**
     * Commits a snapshot with this entry in its summary.
     *
     * @return the attempts it took
     */
    public int append(String key, String value) throws IOException, InterruptedException {
        S3Client client = io.client();
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            int current = highest(client);
            ObjectNode metadata = (ObjectNode) JSON.readTree(
                    client.getObjectAsBytes(get -> get.bucket(bucket).key(key(current)))
                            .asByteArray());
            addSnapshot(metadata, current, key, value);
            try {
                client.putObject(
                        put -> put.bucket(bucket).key(key(current + 1)).ifNoneMatch("*"),
                        RequestBody.fromBytes(JSON.writeValueAsBytes(metadata)));
            } catch (S3Exception e) {
                if (e.statusCode() != 412 && e.statusCode() != 409) {
                    throw e;
                }
                // Writers of other values wait for another time.
                Thread.sleep(1 + Math.floorMod(value.hashCode() + 17L * attempt, 39L));
                continue;
            }
            client.putObject(
                    put -> put.bucket(bucket).key(directory + "version-hint.text"),
                    RequestBody.fromString(Integer.toString(current + 1)));
            return attempt;
        }
        throw new IllegalStateException("lost " + ATTEMPTS + " races");
    }

    private static void addSnapshot(ObjectNode metadata, int version, String key, String value) {
        long sequence = metadata.path("last-sequence-number").asLong() + 1;
        long now = Math.max(
                System.currentTimeMillis(), metadata.path("last-updated-ms").asLong() + 1);
        long id = 1 + Math.floorMod(sequence * 0x9E3779B97F4A7C15L, ID_BOUND - 1);
        ArrayNode snapshots = metadata.withArray("snapshots");
        JsonNode parent = snapshots.get(snapshots.size() - 1);
        ObjectNode snapshot = parent.deepCopy();
        snapshot.put("snapshot-id", id)
                .put("parent-snapshot-id", parent.path("snapshot-id").asLong())
                .put("sequence-number", sequence)
                .put("timestamp-ms", now)
                .putObject("summary")
                .put("operation", "append")
                .put(key, value);
        snapshots.add(snapshot);
        metadata.withArray("snapshot-log").addObject().put("timestamp-ms", now).put("snapshot-id", id);
        metadata.withArray("metadata-log")
                .addObject()
                .put("timestamp-ms", metadata.path("last-updated-ms").asLong())
                .put("metadata-file", metadata.path("location").asText() + "/metadata/v" + version + ".metadata.json");
        metadata.put("current-snapshot-id", id)
                .put("last-sequence-number", sequence)
                .put("last-updated-ms", now);
        ((ObjectNode) metadata.path("refs").path("main")).put("snapshot-id", id);
    }

    private int highest(S3Client client) {
        return client.listObjectsV2Paginator(list -> list.bucket(bucket).prefix(directory)).contents().stream()
                .map(S3Object::key)
                .map(VERSION::matcher)
                .filter(Matcher::matches)
                .map(name -> Integer.parseInt(name.group(1)))
                .max(Comparator.naturalOrder())
                .orElseThrow(() -> new IllegalStateException("no version below " + directory));
    }

    private String key(int version) {
        return directory + "v" + version + ".metadata.json";
    }

    @Override
    public void close() {
        io.close();
    }
}
