package io.sink.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Outcome;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.outcome.TableState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The published fields of a report, the same in JSON and NDJSON. Additive only; the schema is a resource beside it. */
final class ReportFields {
    static final int SCHEMA_VERSION = 1;

    /** More paths than this of one kind are counted and not listed, so that a report stays readable by machines too. */
    static final int MOST_PATHS = 10_000;

    private ReportFields() {}

    static void header(JsonGenerator json, RunHeader header) throws IOException {
        json.writeNumberField("schema_version", SCHEMA_VERSION);
        json.writeStringField("run_id", header.runId());
        json.writeStringField("version", header.version());
        json.writeStringField("command", header.command());
        json.writeBooleanField("dry_run", header.dryRun());
        json.writeStringField("started_at", header.startedAt().toString());
        json.writeStringField(
                "shard", header.shard() == null ? null : header.shard().toString());
        json.writeStringField("traceparent", header.traceparent());
    }

    static void table(JsonGenerator json, TableReport report) throws IOException {
        json.writeStringField("table", report.table());
        json.writeStringField("catalog", report.catalog());
        json.writeStringField("uuid", report.uuid());
        json.writeStringField("rule", report.rule());
        json.writeStringField("outcome", report.outcome().code());
        state(json, "before", report.before());
        state(json, "after", report.after());
        json.writeArrayFieldStart("actions");
        for (ActionReport action : report.actions()) {
            action(json, action);
        }
        json.writeEndArray();
    }

    private static void state(JsonGenerator json, String name, @Nullable TableState state) throws IOException {
        if (state == null) {
            json.writeNullField(name);
            return;
        }
        json.writeObjectFieldStart(name);
        id(json, "snapshot_id", state.snapshotId());
        json.writeNumberField("snapshots", state.snapshots());
        json.writeNumberField("refs", state.refs());
        if (state.sizes() != null) {
            InspectionFields.histogram(json, state.sizes());
        }
        json.writeEndObject();
    }

    private static void action(JsonGenerator json, ActionReport action) throws IOException {
        json.writeStartObject();
        json.writeStringField("action", action.action().code());
        json.writeStringField("outcome", action.outcome().code());
        json.writeStringField("reason", action.reason().code());
        json.writeStringField("detail", action.result().detail());
        json.writeStringField("remedy", action.reason().remedy());
        effect(json, action.result().effect());
        ActionResult.Files files = action.result().files();
        paths(json, "staged_files", files.staged(), 0);
        paths(json, "deleted_files", files.deleted(), files.deletedOmitted());
        paths(json, "left_files", files.left(), files.leftOmitted());
        findings(json, action.result().findings());
        id(json, "committed_snapshot_id", action.result().committedSnapshotId());
        ActionResult.CommitRequests commit = action.result().commit();
        if (commit != null) {
            json.writeNumberField("commit_attempts", commit.attempts());
            json.writeNumberField("commit_window_ms", commit.windowMillis());
        }
        json.writeNumberField("duration_ms", action.duration().toMillis());
        json.writeEndObject();
    }

    private static void effect(JsonGenerator json, Effect effect) throws IOException {
        json.writeObjectFieldStart("effect");
        for (Map.Entry<Counter, Long> count : effect.counts().entrySet()) {
            json.writeNumberField(count.getKey().code(), count.getValue());
        }
        json.writeEndObject();
    }

    private static void findings(JsonGenerator json, Findings findings) throws IOException {
        shares(json, findings.byPrefix());
        groups(json, findings.groups());
        snapshots(json, findings.snapshots());
        if (!findings.problems().isEmpty()) {
            paths(json, "problems", findings.problems(), findings.problemsOmitted());
        }
        if (findings.inspection() != null) {
            InspectionFields.write(json, findings.inspection());
        }
    }

    private static void snapshots(JsonGenerator json, List<Findings.SnapshotFigures> snapshots) throws IOException {
        if (snapshots.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("snapshots");
        for (Findings.SnapshotFigures snapshot : snapshots) {
            json.writeStartObject();
            id(json, "snapshot_id", snapshot.id());
            json.writeStringField("committed_at", snapshot.committedAt().toString());
            json.writeNumberField("data_files", snapshot.dataFiles());
            json.writeNumberField("delete_files", snapshot.deleteFiles());
            json.writeNumberField("records", snapshot.records());
            number(json, "rows", snapshot.rows());
            json.writeStringField("fingerprint", snapshot.fingerprint());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void groups(JsonGenerator json, Findings.Groups groups) throws IOException {
        if (groups.listed().isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("groups");
        for (Findings.Group group : groups.listed()) {
            json.writeStartObject();
            json.writeStringField("partition", group.partition());
            json.writeNumberField("files", group.files());
            json.writeNumberField("bytes", group.bytes());
            json.writeNumberField("delete_files", group.deleteFiles());
            json.writeNumberField("files_after", group.filesAfter());
            number(json, "bytes_after", group.bytesAfter());
            json.writeStringField("rewriter", group.rewriter());
            json.writeStringField("why", group.why());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (groups.omitted() > 0) {
            json.writeNumberField("groups_omitted", groups.omitted());
        }
    }

    private static void shares(JsonGenerator json, List<Findings.Share> shares) throws IOException {
        if (shares.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("by_prefix");
        for (Findings.Share share : shares) {
            json.writeStartObject();
            json.writeStringField("prefix", share.prefix());
            json.writeNumberField("files", share.files());
            json.writeNumberField("bytes", share.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void paths(JsonGenerator json, String name, List<String> paths, long more) throws IOException {
        json.writeArrayFieldStart(name);
        for (String path : paths.subList(0, Math.min(paths.size(), MOST_PATHS))) {
            json.writeString(path);
        }
        json.writeEndArray();
        long omitted = Math.max(0, paths.size() - MOST_PATHS) + more;
        if (omitted > 0) {
            json.writeNumberField(name + "_omitted", omitted);
        }
    }

    static void summary(JsonGenerator json, RunSummary summary) throws IOException {
        json.writeStringField("ended_at", summary.endedAt().toString());
        json.writeNumberField("exit_code", summary.exitCode());
        json.writeStringField("interrupted_by", summary.interruptedBy());
        json.writeArrayFieldStart("warnings");
        for (String warning : summary.warnings()) {
            json.writeString(warning);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("totals");
        json.writeNumberField("tables", summary.total());
        for (Map.Entry<Outcome, Integer> count : summary.tables().entrySet()) {
            json.writeNumberField(count.getKey().code(), count.getValue());
        }
        effect(json, summary.effect());
        json.writeEndObject();
    }

    /** Also as text, since many readers of JSON take numbers of 63 bits for doubles. */
    static void id(JsonGenerator json, String name, @Nullable Long value) throws IOException {
        number(json, name, value);
        json.writeStringField(name + "_text", value == null ? null : value.toString());
    }

    private static void number(JsonGenerator json, String name, @Nullable Long value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }
}
