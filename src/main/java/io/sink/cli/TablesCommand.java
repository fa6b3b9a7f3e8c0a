package io.sink.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.TablePolicy;
import io.sink.outcome.ExitCode;
import io.sink.outcome.ExitCode.Help;
import io.sink.report.Columns;
import io.sink.report.LineWidth;
import io.sink.report.VisibleJson;
import io.sink.run.CatalogOpening;
import io.sink.table.Failures;
import java.io.IOException;
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
            Help.REPORT_NOT_WRITTEN
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

    private record Listed(String table, String rule, boolean excluded) {}

    @Override
    public Integer call() throws IOException {
        Session session = Session.begin(global, Map.of());
        Session.Selection wanted = session.select(selection.tables);
        List<Listed> tables = new ArrayList<>();
        List<CatalogOpening> openings = session.openings(wanted);
        int unreachable = 0;
        for (CatalogOpening opening : openings) {
            try (TableSource source = opening.open().get()) {
                list(session, wanted, source, tables);
            } catch (RuntimeException e) {
                unreachable++;
                System.err.println("sink: catalog " + opening.name() + " cannot be listed: " + Failures.message(e));
            }
        }
        print(tables, Terminal.of(global.log).width(session.config().secrets()));
        if (unreachable > 0) {
            return unreachable == openings.size() ? ExitCode.CATALOG_UNREACHABLE.code() : ExitCode.SOME_FAILED.code();
        }
        return tables.isEmpty() ? ExitCode.NO_TABLES.code() : ExitCode.OK.code();
    }

    private void list(Session session, Session.Selection wanted, TableSource source, List<Listed> tables) {
        var excluded = session.excluded(selection.exclude);
        for (Iterator<TableRef> refs = source.list(); refs.hasNext(); ) {
            TableRef ref = refs.next();
            if (wanted.selected().test(ref) || wanted.named().contains(ref)) {
                TablePolicy policy = session.policies().resolve(ref);
                tables.add(new Listed(ref.fullName(), policy.rule(), policy.excluded() || excluded.test(ref)));
            }
        }
    }

    private void print(List<Listed> tables, LineWidth width) throws IOException {
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
                out.writeEndObject();
            }
            out.writeRaw('\n');
        }
        System.out.flush();
    }
}
