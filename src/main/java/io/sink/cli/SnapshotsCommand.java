package io.sink.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.UsageException;
import io.sink.expire.ExpiringSnapshots;
import io.sink.inspect.SnapshotHistory;
import io.sink.outcome.ExitCode;
import io.sink.outcome.ExitCode.Help;
import io.sink.outcome.Reason;
import io.sink.report.Columns;
import io.sink.report.LineWidth;
import io.sink.report.VisibleJson;
import io.sink.run.BoundedLook;
import io.sink.run.CatalogOpening;
import io.sink.run.Stop;
import io.sink.table.Failures;
import io.sink.text.Human;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sink snapshots}. */
@Command(
        name = "snapshots",
        description =
                "List the snapshots of a table, the branches and tags that point to them, what each holds, and which of"
                        + " them an expiry would remove; changes nothing.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the snapshots were listed",
            Help.INTERNAL,
            Help.USAGE,
            Help.OUT_OF_MEMORY,
            Help.CONFIGURATION,
            "12:there is no such table",
            "21:the table, or one of the snapshots that are listed, could not be read",
            "22:the catalog could not be reached",
            Help.REPORT_NOT_WRITTEN,
            Help.SIGINT,
            Help.SIGTERM
        },
        sortOptions = false)
final class SnapshotsCommand implements Callable<Integer> {

    @Parameters(arity = "1", paramLabel = "TABLE", description = "The table in full: catalog.namespace.table.")
    String table = "";

    @Option(
            names = "--report",
            paramLabel = "text|json|ndjson",
            defaultValue = "text",
            description = "Format of the list on stdout. Default: ${DEFAULT-VALUE}.")
    OutputOptions.Format format = OutputOptions.Format.text;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Override
    public Integer call() throws IOException {
        Stop stop = new Stop();
        Signals.stopOnSignals(stop);
        Session session = Session.begin(global, Map.of());
        Session.Selection wanted = session.select(List.of(RollbackCommand.inFull(table)));
        if (wanted.named().isEmpty()) {
            throw new UsageException(
                    List.of("TABLE \"" + table + "\" must be one table in full, such as lake.web.events"));
        }
        TableRef ref = wanted.named().get(0);
        Seen seen;
        try {
            seen = new BoundedLook(stop, BoundedLook.ENDLESS, Duration.ZERO)
                    .of(
                            "the look at " + table,
                            () -> seen(session, session.openings(wanted).get(0), ref, stop));
        } catch (RuntimeException e) {
            System.err.println("sink: " + session.config().secrets().redact(table + ": " + Failures.message(e)));
            if (e instanceof BoundedLook.LeftException left) {
                return Objects.requireNonNullElse(left.status(), ExitCode.CATALOG_UNREACHABLE)
                        .code();
            }
            return status(Failures.loadReason(e));
        }
        for (SnapshotHistory.Entry entry : seen.history().entries()) {
            if (entry.unreadable() != null) {
                System.err.println("sink: snapshot " + entry.id() + " is not whole: " + entry.unreadable());
            }
        }
        if (format == OutputOptions.Format.text) {
            print(
                    seen.history(),
                    seen.expiring(),
                    Terminal.of(global.log).width(session.config().secrets()));
        } else {
            json(seen.history(), seen.expiring());
        }
        boolean whole = seen.history().entries().stream().allMatch(entry -> entry.unreadable() == null);
        return whole ? ExitCode.OK.code() : ExitCode.ALL_FAILED.code();
    }

    private record Seen(SnapshotHistory history, Set<Long> expiring) {}

    private Seen seen(Session session, CatalogOpening opening, TableRef ref, Stop stop) {
        BoundedLook timed =
                new BoundedLook(stop, session.policies().run().catalogTimeout().value(), Duration.ZERO);
        String catalog = "catalog " + opening.name();
        try (TableSource source =
                timed.of("the opening of " + catalog, () -> opening.open().get())) {
            TableOperations ops =
                    timed.of("the loading of " + table + " from " + catalog, () -> load(session, source, ref, stop));
            TableMetadata metadata = ops.current();
            return new Seen(
                    SnapshotHistory.of(metadata, ops.io()),
                    ExpiringSnapshots.of(
                            session.policies().resolve(ref).expire(), metadata, session.startedAt(), ops.io()));
        }
    }

    private TableOperations load(Session session, TableSource source, TableRef ref, Stop stop) {
        try {
            return source.load(ref).operations();
        } catch (NoSuchTableException e) {
            session.selectors(List.of(table), List.of())
                    .absent(ref, source, stop)
                    .forEach(Warning::say);
            throw e;
        }
    }

    private static int status(Reason reason) {
        return switch (reason) {
            case NO_TABLE -> ExitCode.NO_TABLES.code();
            case CATALOG_UNREACHABLE -> ExitCode.CATALOG_UNREACHABLE.code();
            default -> ExitCode.ALL_FAILED.code();
        };
    }

    private static void print(SnapshotHistory history, Set<Long> expiring, LineWidth width) {
        List<String> headers =
                List.of("SNAPSHOT", "COMMITTED", "OPERATION", "REFS", "EXPIRY", "DATA FILES", "RECORDS", "HELD ALONE");
        System.out.println(new Columns(headers, 5, width)
                .of(history.entries().stream()
                        .map(entry -> List.of(
                                Long.toString(entry.id()),
                                entry.committedAt().toString(),
                                entry.operation(),
                                String.join(", ", entry.refs()),
                                expiring.contains(entry.id()) ? "due" : "kept",
                                count(entry.dataFiles()),
                                count(entry.records()),
                                entry.aloneBytes() == null ? "?" : Human.bytes(entry.aloneBytes())))
                        .toList()));
    }

    private static String count(@Nullable Long count) {
        return count == null ? "?" : Human.count(count);
    }

    private void json(SnapshotHistory history, Set<Long> expiring) throws IOException {
        boolean document = format == OutputOptions.Format.json;
        try (JsonGenerator out = VisibleJson.FACTORY.createGenerator(System.out)) {
            out.setRootValueSeparator(new com.fasterxml.jackson.core.io.SerializedString("\n"));
            if (document) {
                out.writeStartObject();
                out.writeNumberField("schema_version", 1);
                out.writeStringField("table", table);
                out.writeArrayFieldStart("snapshots");
            }
            for (SnapshotHistory.Entry entry : history.entries()) {
                write(out, entry, expiring.contains(entry.id()));
            }
            if (document) {
                out.writeEndArray();
                out.writeEndObject();
            }
            // Of nothing, NDJSON has no line.
            if (document || !history.entries().isEmpty()) {
                out.writeRaw('\n');
            }
        }
        System.out.flush();
    }

    private static void write(JsonGenerator out, SnapshotHistory.Entry entry, boolean due) throws IOException {
        out.writeStartObject();
        out.writeStringField("snapshot_id", Long.toString(entry.id()));
        out.writeStringField("parent_id", entry.parentId() == null ? null : Long.toString(entry.parentId()));
        out.writeStringField("committed_at", entry.committedAt().toString());
        out.writeStringField("operation", entry.operation());
        out.writeArrayFieldStart("refs");
        for (String ref : entry.refs()) {
            out.writeString(ref);
        }
        out.writeEndArray();
        out.writeBooleanField("expiry_due", due);
        out.writePOJOField("data_files", entry.dataFiles());
        out.writePOJOField("records", entry.records());
        out.writePOJOField("alone_files", entry.aloneFiles());
        out.writePOJOField("alone_bytes", entry.aloneBytes());
        out.writeEndObject();
    }
}
