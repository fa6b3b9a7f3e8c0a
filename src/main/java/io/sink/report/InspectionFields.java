package io.sink.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sink.outcome.Inspection;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The published fields of an inspection. */
final class InspectionFields {
    private InspectionFields() {}

    static void write(JsonGenerator json, Inspection of) throws IOException {
        json.writeObjectFieldStart("inspection");
        json.writeNumberField("data_files", of.dataFiles());
        json.writeNumberField("data_bytes", of.dataBytes());
        json.writeNumberField("records", of.records());
        histogram(json, of.histogram());
        json.writeObjectFieldStart("deletes");
        json.writeNumberField("position_delete_files", of.deletes().position());
        json.writeNumberField("equality_delete_files", of.deletes().equality());
        json.writeNumberField("deletion_vectors", of.deletes().vectors());
        json.writeNumberField("records", of.deletes().records());
        number(json, "dangling", of.deletes().dangling());
        json.writeEndObject();
        json.writeArrayFieldStart("snapshots_by_age");
        for (Inspection.Age age : of.snapshots()) {
            json.writeStartObject();
            number(json, "below_days", age.belowDays());
            json.writeNumberField("snapshots", age.snapshots());
            json.writeEndObject();
        }
        json.writeEndArray();
        pins(json, of);
        json.writeNumberField("manifests", of.manifests());
        json.writeNumberField("manifest_bytes", of.manifestBytes());
        number(json, "metadata_bytes", of.metadataBytes());
        json.writeEndObject();
    }

    static void histogram(JsonGenerator json, List<Inspection.Bucket> buckets) throws IOException {
        json.writeArrayFieldStart("histogram");
        for (Inspection.Bucket bucket : buckets) {
            json.writeStartObject();
            number(json, "below_bytes", bucket.below());
            json.writeNumberField("files", bucket.files());
            json.writeNumberField("bytes", bucket.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void pins(JsonGenerator json, Inspection of) throws IOException {
        if (of.refs() == null) {
            json.writeNullField("pins");
            return;
        }
        json.writeArrayFieldStart("pins");
        for (Inspection.Pin pin : of.refs()) {
            json.writeStartObject();
            json.writeStringField("ref", pin.ref());
            json.writeStringField("kind", pin.kind());
            ReportFields.id(json, "snapshot_id", pin.snapshotId());
            json.writeNumberField("age_days", pin.ageDays());
            json.writeNumberField("files", pin.files());
            json.writeNumberField("bytes", pin.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, String name, @Nullable Number value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value.longValue());
        }
    }
}
