package io.sink.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.TablePolicy;
import io.sink.outcome.ExitCode;
import io.sink.outcome.ExitCode.Help;
import io.sink.outcome.Shard;
import io.sink.report.Columns;
import io.sink.report.LineWidth;
import io.sink.report.VisibleJson;
import io.sink.run.BoundedLook;
import io.sink.run.CatalogOpening;
import io.sink.run.Selectors;
import io.sink.run.Stop;
import io.sink.table.Failures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink tables}. */
@Command(
        name = "tables",
        description = "List the tables that the configuration selects, and the rule that matched each.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:tables were listed",
            Help.INTERNAL,
            Help.USAGE,
            Help.CONFIGURATION,
            "12:no tables: none configured or none matched",
            "20:some catalogs could not be listed",
            "22:no catalog could be listed",
            Help.REPORT_NOT_WRITTEN,
            Help.SIGINT,
            Help.SIGTERM
        },
        sortOptions = false)
final class TablesCommand implements Callable<Integer> {

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--report",
            paramLabel = "text|json|ndjson",
            defaultValue = "text",
            description = "Format of the list on stdout. Default: ${DEFAULT-VALUE}.")
    OutputOptions.Format format = OutputOptions.Format.text;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    private volatile Shard part = Shard.WHOLE;

    /** Whether there are tables that other shards list. */
    private volatile boolean elsewhere;

    private record Listed(String table, String rule, boolean excluded) {}

    @Override
    public Integer call() throws IOException {
        Stop stop = new Stop();
        Signals.stopOnSignals(stop);
        part = selection.part();
        Session session = Session.begin(global, selection.with(Map.of()));
        Session.Selection wanted = session.select(selection.tables);
        Selectors selectors = session.selectors(selection.tables, selection.exclude);
        BoundedLook look =
                new BoundedLook(stop, session.policies().run().catalogTimeout().value(), Duration.ZERO);
        List<Listed> tables = new ArrayList<>();
        List<CatalogOpening> openings = session.openings(wanted);
        int unreachable = 0;
        ExitCode stopped = null;
        for (Iterator<CatalogOpening> each = openings.iterator(); stopped == null && each.hasNext(); ) {
            CatalogOpening opening = each.next();
            String what = "the listing of catalog " + opening.name();
            try {
                tables.addAll(look.of(what, () -> list(session, wanted, opening, selectors)));
            } catch (RuntimeException e) {
                unreachable++;
                stopped = e instanceof BoundedLook.LeftException left ? left.status() : null;
                System.err.println("sink: "
                        + (stopped != null
                                ? e.getMessage() + "; the list is incomplete"
                                : "catalog " + opening.name() + " cannot be listed: " + Failures.message(e)));
            }
        }
        List<String> warnings = selectors.unmatched(true);
        print(tables, warnings, Terminal.of(global.log).width(session.config().secrets()));
        warnings.forEach(Warning::say);
        session.policies().hidden().forEach(Warning::say);
        if (stopped != null) {
            return stopped.code();
        }
        ExitCode refusal = selectors.refusal();
        if (refusal != null) {
            return refusal.code();
        }
        if (unreachable > 0) {
            return unreachable == openings.size() ? ExitCode.CATALOG_UNREACHABLE.code() : ExitCode.SOME_FAILED.code();
        }
        return tables.isEmpty() && !elsewhere ? ExitCode.NO_TABLES.code() : ExitCode.OK.code();
    }

    private List<Listed> list(Session session, Session.Selection wanted, CatalogOpening opening, Selectors selectors) {
        var excluded = session.excluded(selection.exclude);
        List<Listed> tables = new ArrayList<>();
        try (TableSource source = opening.open().get()) {
            Iterator<TableRef> refs = source.list(namespace -> selectors.listed(source.name(), namespace));
            while (refs.hasNext()) {
                TableRef ref = refs.next();
                selectors.listed(ref);
                boolean asked = wanted.selected().test(ref) || wanted.named().contains(ref);
                boolean ours = part.has(ref.fullName());
                elsewhere |= asked && !ours;
                if (asked && ours) {
                    TablePolicy policy = session.policies().resolve(ref);
                    tables.add(new Listed(ref.fullName(), policy.rule(), policy.excluded() || excluded.test(ref)));
                }
            }
            if (source.passedOver().isEmpty()) {
                selectors.ended(source.name());
            }
        }
        return tables;
    }

    private void print(List<Listed> tables, List<String> warnings, LineWidth width) throws IOException {
        if (format == OutputOptions.Format.text) {
            if (!tables.isEmpty()) {
                System.out.println(Columns.of(List.of("TABLE", "RULE", ""), width)
                        .of(tables.stream()
                                .map(t -> List.of(t.table(), t.rule(), t.excluded() ? "excluded" : ""))
                                .toList()));
            }
            return;
        }
        try (JsonGenerator out = VisibleJson.FACTORY.createGenerator(System.out)) {
            out.setRootValueSeparator(new com.fasterxml.jackson.core.io.SerializedString("\n"));
            boolean document = format == OutputOptions.Format.json;
            if (document) {
                out.writeStartObject();
                out.writeNumberField("schema_version", 1);
                out.writeArrayFieldStart("tables");
            }
            for (Listed table : tables) {
                out.writeStartObject();
                out.writeStringField("table", table.table());
                out.writeStringField("rule", table.rule());
                out.writeBooleanField("excluded", table.excluded());
                out.writeEndObject();
            }
            if (document) {
                out.writeEndArray();
                out.writeArrayFieldStart("warnings");
                for (String warning : warnings) {
                    out.writeString(warning);
                }
                out.writeEndArray();
                out.writeEndObject();
            }
            // Of nothing, NDJSON has no line.
            if (document || !tables.isEmpty()) {
                out.writeRaw('\n');
            }
        }
        System.out.flush();
    }
}
