package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A table's metadata file, as JSON. */
record TableJson(JsonNode root) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static TableJson read(Path file) throws IOException {
        boolean compressed = file.getFileName().toString().contains(".gz.");
        try (InputStream raw = Files.newInputStream(file);
                InputStream content = compressed ? new GZIPInputStream(raw) : raw) {
            return new TableJson(JSON.readTree(content));
        }
    }

    boolean hasLineage() {
        return root.path("format-version").asInt() >= 3;
    }

    List<SecondReader.Snapshot> snapshots() {
        return list("snapshots").map(this::snapshot).toList();
    }

    private SecondReader.Snapshot snapshot(JsonNode snapshot) {
        long id = snapshot.path("snapshot-id").asLong();
        return new SecondReader.Snapshot(
                id,
                snapshot.path("sequence-number").asLong(0),
                root.path("refs")
                        .propertyStream()
                        .filter(ref -> ref.getValue().path("snapshot-id").asLong() == id)
                        .map(ref -> ref.getKey())
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** The id of the current snapshot, -1 if there is none. */
    long currentSnapshot() {
        return root.path("current-snapshot-id").asLong(-1);
    }

    /** The location of the snapshot's manifest list. */
    String manifestList(long snapshotId) {
        return snapshotJson(snapshotId).required("manifest-list").asText();
    }

    JsonNode schemaOf(long snapshotId) {
        return schema(snapshotJson(snapshotId).path("schema-id").asInt(currentSchemaId()));
    }

    JsonNode currentSchema() {
        return schema(currentSchemaId());
    }

    /** Every schema the table had, the newest first. */
    List<JsonNode> schemas() {
        List<JsonNode> newestFirst = new ArrayList<>();
        list("schemas").forEach(schema -> newestFirst.add(0, schema));
        return newestFirst;
    }

    /** Whether files of the spec are in no partition: it has no field but void ones. */
    boolean unpartitioned(int specId) {
        return list("partition-specs")
                .filter(spec -> spec.path("spec-id").asInt() == specId)
                .flatMap(spec -> spec.path("fields").valueStream())
                .allMatch(field -> field.path("transform").asText().equals("void"));
    }

    /** The default name mapping, a missing node if the table has none. */
    JsonNode nameMapping() throws IOException {
        return JSON.readTree(
                root.path("properties").path("schema.name-mapping.default").asText(""));
    }

    /** Locations of statistics and partition statistics files. */
    Stream<String> statistics() {
        return Stream.concat(list("statistics"), list("partition-statistics"))
                .map(file -> file.required("statistics-path").asText());
    }

    /** Locations of former metadata files, which may be gone. */
    Stream<String> metadataLog() {
        return list("metadata-log").map(entry -> entry.required("metadata-file").asText());
    }

    private int currentSchemaId() {
        return root.path("current-schema-id").asInt();
    }

    private JsonNode schema(int id) {
        return list("schemas")
                .filter(schema -> schema.path("schema-id").asInt() == id)
                .findFirst()
                .orElseThrow();
    }

    private JsonNode snapshotJson(long id) {
        return list("snapshots")
                .filter(snapshot -> snapshot.path("snapshot-id").asLong() == id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No snapshot " + id + " in the metadata"));
    }

    private Stream<JsonNode> list(String name) {
        return root.path(name).valueStream();
    }
}
