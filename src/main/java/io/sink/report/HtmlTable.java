package io.sink.report;

import static j2html.TagCreator.bdi;
import static j2html.TagCreator.code;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.ul;

import io.sink.outcome.ActionReport;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Inspection;
import io.sink.outcome.Outcome;
import io.sink.outcome.TableReport;
import io.sink.outcome.TableState;
import io.sink.text.Human;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/** What a page says of one table: a line for each action, and details that can be opened. */
final class HtmlTable {
    private static final int MOST_PATHS = 20;

    private HtmlTable() {}

    static String render(TableReport report) {
        return details(
                        summary(
                                bdi(Human.plain(report.table())).withClass("table-name"),
                                div(each(report.actions(), HtmlTable::line)).withClass("lines")),
                        div(
                                        each(report.actions(), action -> more(report.actions(), action)),
                                        sizes(report),
                                        p("Rule: " + Human.plain(report.rule().isEmpty() ? "none" : report.rule()))
                                                .withClass("rule"))
                                .withClass("more"))
                .withClass("table " + report.outcome().code())
                .condAttr(report.outcome() == Outcome.FAILED || isInspected(report), "open", "")
                .render();
    }

    private static boolean isInspected(TableReport report) {
        return report.actions().stream()
                .anyMatch(action -> action.result().findings().inspection() != null);
    }

    private static DomContent line(ActionReport action) {
        Effect effect = action.result().effect();
        return div(
                        span(action.action().code()).withClass("action"),
                        badge(action.outcome()),
                        span(action.reason().code()).withClass("reason"),
                        span(figures(TextReport.files(effect), TextReport.bytes(effect)))
                                .withClass("figures"),
                        span(Human.duration(action.duration())).withClass("time"))
                .withClass("line");
    }

    private static String figures(String files, String bytes) {
        String counted =
                files.isEmpty() || files.endsWith("d") ? files : files + (files.equals("-1") ? " file" : " files");
        return counted + (counted.isEmpty() || bytes.isEmpty() ? "" : ", ") + bytes;
    }

    static DomContent badge(Outcome outcome) {
        return span(outcome.code()).withClass("badge " + outcome.code());
    }

    private static DomContent more(List<ActionReport> all, ActionReport action) {
        List<DomContent> parts = new ArrayList<>();
        String told = Alike.told(all, action);
        if (!action.result().detail().isEmpty() && !told.isEmpty()) {
            parts.add(p(
                    span(told + ": ").withClass("action"),
                    bdi(Human.plain(action.result().detail()))));
        }
        String reasoned = Alike.reasoned(all, action);
        if (!action.reason().remedy().isEmpty() && !reasoned.isEmpty()) {
            parts.add(p(
                    span(reasoned + ", what to do: ").withClass("action"),
                    span(action.reason().remedy())));
        }
        paths(
                parts,
                "Left",
                action.result().files().left(),
                action.result().files().leftOmitted());
        paths(
                parts,
                "Wrong",
                action.result().findings().problems(),
                action.result().findings().problemsOmitted());
        Findings.Groups groups = action.result().findings().groups();
        paths(parts, "Groups", groups.listed().stream().map(TextReport::group).toList(), groups.omitted());
        Inspection inspection = action.result().findings().inspection();
        if (inspection != null) {
            parts.add(inspection(inspection));
        }
        return each(parts, part -> part);
    }

    private static void paths(List<DomContent> parts, String title, List<String> paths, long omitted) {
        if (paths.isEmpty()) {
            return;
        }
        List<String> shown = paths.subList(0, Math.min(paths.size(), MOST_PATHS));
        long more = paths.size() - shown.size() + omitted;
        parts.add(div(
                h3(title),
                ul(
                        each(shown, path -> li(code(bdi(Human.plain(path))))),
                        iff(more > 0, li(Human.count(more) + " more, in the JSON report")))));
    }

    private static DomContent sizes(TableReport report) {
        TableState before = report.before();
        TableState after = report.after();
        if (before == null || before.sizes() == null || empty(before.sizes())) {
            return span();
        }
        return div(h3("Data files by size"), HtmlBars.histogram(before.sizes(), after == null ? null : after.sizes()));
    }

    private static boolean empty(List<Inspection.Bucket> sizes) {
        return sizes.stream().allMatch(bucket -> bucket.files() == 0);
    }

    private static DomContent inspection(Inspection of) {
        return div(
                p("%s, %s, %s; %s; %s"
                        .formatted(
                                Human.count(of.dataFiles(), "data file"),
                                Human.bytes(of.dataBytes()),
                                Human.count(of.records(), "record"),
                                Human.count(of.manifests(), "manifest"),
                                Human.count(of.deletes().files(), "delete file"))),
                iff(of.dataFiles() > 0, div(h3("Data files by size"), HtmlBars.histogram(of.histogram(), null))),
                ages(of),
                pins(of));
    }

    private static DomContent ages(Inspection of) {
        int most = of.snapshots().stream()
                .mapToInt(Inspection.Age::snapshots)
                .max()
                .orElse(0);
        if (most == 0) {
            return span();
        }
        return div(
                h3("Snapshots by age"),
                div(each(
                                of.snapshots().stream()
                                        .filter(age -> age.snapshots() > 0)
                                        .toList(),
                                age -> HtmlBars.row(
                                        span(
                                                age.belowDays() == null
                                                        ? "older"
                                                        : "< " + Human.count(age.belowDays(), "day")),
                                        List.of(new HtmlBars.Part("after", age.snapshots())),
                                        most,
                                        Human.count(age.snapshots()))))
                        .withClass("bars"));
    }

    private static DomContent pins(Inspection of) {
        if (of.refs() == null) {
            return p("Too many files to say what each branch and tag holds.");
        }
        List<Inspection.Pin> pins =
                of.refs().stream().filter(pin -> pin.files() > 0).toList();
        double most = pins.stream().mapToDouble(Inspection.Pin::bytes).max().orElse(0);
        if (pins.isEmpty()) {
            return span();
        }
        return div(
                h3("Held by one ref alone"),
                div(each(
                                pins,
                                pin -> HtmlBars.row(
                                        pin.ref() == null
                                                ? span("older snapshots")
                                                : span(span(pin.kind() + " "), bdi(Human.plain(pin.ref()))),
                                        List.of(new HtmlBars.Part("pinned", pin.bytes())),
                                        most,
                                        "%s in %s, %s old"
                                                .formatted(
                                                        Human.bytes(pin.bytes()),
                                                        Human.count(pin.files(), "file"),
                                                        pin.ageDays() == 0
                                                                ? "less than a day"
                                                                : Human.count(pin.ageDays(), "day")))))
                        .withClass("bars"));
    }
}
