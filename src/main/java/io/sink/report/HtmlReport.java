package io.sink.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.bdi;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.header;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.style;
import static j2html.TagCreator.text;
import static j2html.TagCreator.title;

import io.sink.outcome.ActionName;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Inspection;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.outcome.TableState;
import io.sink.run.RunListener;
import io.sink.text.Human;
import j2html.tags.DomContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The report as one page that needs nothing but itself: no script, one style, which its Content-Security-Policy names
 * by its hash, and bars as SVG. Every name and message goes through the library's escaping, and first through that of
 * the text report.
 *
 * <p>The gravest tables come first. Beyond a thousand the page counts them and leaves them to the JSON report.
 *
 * @ref LLP 0018#page
 */
public final class HtmlReport implements RunListener {
    static final int MOST_TABLES = 1_000;
    private static final int MOST_BARS = 15;
    /** Beyond this many tables the reasons are counted before the tables. */
    private static final int FEW_TABLES = 20;

    private static final Comparator<Shown> LEAST_FIRST = Comparator.comparingInt(Shown::gravity)
            .thenComparingLong(Shown::gain)
            .thenComparing(Shown::name, Comparator.reverseOrder());

    private final Writer out;
    private final PriorityQueue<Shown> shown = new PriorityQueue<>(LEAST_FIRST);
    private final PriorityQueue<Bar> bars = new PriorityQueue<>(Comparator.comparingLong(Bar::total));
    private final List<Inspection.Bucket> before = new ArrayList<>();
    private final List<Inspection.Bucket> after = new ArrayList<>();
    private final Map<Counted, Integer> reasons = new TreeMap<>(
            Comparator.comparing((Counted of) -> -gravity(of.reason().outcome()))
                    .thenComparing(of -> of.action().ordinal())
                    .thenComparing(Counted::reason));
    private Effect effect = Effect.NONE;
    private long omitted;
    private @Nullable RunHeader header;

    private record Shown(Outcome outcome, long gain, String name, String html) {
        int gravity() {
            return HtmlReport.gravity(outcome);
        }
    }

    private record Counted(ActionName action, Reason reason) {}

    private record Bar(String name, long kept, long freed) {
        long total() {
            return kept + freed;
        }
    }

    /** @param out where the page goes; flushed at the end, never closed */
    public HtmlReport(Writer out) {
        this.out = out;
    }

    @Override
    public void started(RunHeader header) {
        this.header = header;
    }

    @Override
    public void table(TableReport report) {
        String name = Human.plain(report.table());
        shown.add(new Shown(report.outcome(), Ranked.gain(report), name, HtmlTable.render(report)));
        if (shown.size() > MOST_TABLES) {
            shown.remove();
            omitted++;
        }
        report.actions()
                .forEach(action -> reasons.merge(new Counted(action.action(), action.reason()), 1, Integer::sum));
        Effect done = report.actions().stream()
                .map(action -> action.result().effect())
                .reduce(Effect.NONE, Effect::plus);
        effect = effect.plus(done);
        add(before, report.before());
        add(after, report.after() == null ? report.before() : report.after());
        Bar bar = new Bar(name, bytes(report), done.get(Counter.BYTES_FREED));
        if (bar.total() > 0) {
            bars.add(bar);
            if (bars.size() > MOST_BARS) {
                bars.remove();
            }
        }
    }

    private static void add(List<Inspection.Bucket> sum, @Nullable TableState state) {
        if (state == null || state.sizes() == null) {
            return;
        }
        for (int i = 0; i < state.sizes().size(); i++) {
            Inspection.Bucket more = state.sizes().get(i);
            if (i == sum.size()) {
                sum.add(more);
            } else {
                Inspection.Bucket held = sum.get(i);
                sum.set(
                        i,
                        new Inspection.Bucket(more.below(), held.files() + more.files(), held.bytes() + more.bytes()));
            }
        }
    }

    private static int gravity(Outcome outcome) {
        return switch (outcome) {
            case SKIPPED -> 0;
            case DONE -> 1;
            case PLANNED -> 2;
            case DEFERRED -> 3;
            case FAILED -> 4;
        };
    }

    /** Bytes of live data: as found after the actions, else before, else by an inspection. */
    private static long bytes(TableReport report) {
        TableState state = report.after() == null ? report.before() : report.after();
        if (state != null && state.sizes() != null) {
            return state.sizes().stream().mapToLong(Inspection.Bucket::bytes).sum();
        }
        return report.actions().stream()
                .map(action -> action.result().findings().inspection())
                .filter(Objects::nonNull)
                .mapToLong(Inspection::dataBytes)
                .sum();
    }

    @Override
    public void ended(RunSummary summary) {
        RunHeader run = Objects.requireNonNull(header, "a run ended that never began");
        String css = css();
        try {
            out.write("<!DOCTYPE html>\n<html lang=\"en\">\n");
            out.write(head(run, css).render());
            out.write("\n<body><main>\n");
            out.write(top(run, summary).render());
            out.write("\n");
            out.write(tiles(run, summary).render());
            out.write("\n");
            out.write(chart(run).render());
            out.write("\n");
            out.write(sizes().render());
            out.write("\n");
            out.write(reasons(summary).render());
            out.write("\n<section class=\"tables\"><h2>Tables</h2>\n");
            Outcome kind = null;
            for (Shown table : shown.stream().sorted(LEAST_FIRST.reversed()).toList()) {
                if (table.outcome() != kind) {
                    kind = table.outcome();
                    out.write(heading(kind, summary).render());
                    out.write("\n");
                }
                out.write(table.html());
                out.write("\n");
            }
            if (omitted > 0) {
                out.write(p(Human.count(omitted) + " more tables are in the JSON report.")
                        .render());
            }
            out.write("</section>\n</main></body></html>\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Why so many tables ended as they did; of few tables one sees it below. */
    private DomContent reasons(RunSummary summary) {
        if (summary.total() <= FEW_TABLES) {
            return span();
        }
        return section(
                        h2("Reasons"),
                        div(each(
                                        reasons.entrySet(),
                                        entry -> div(
                                                        span(entry.getKey()
                                                                        .action()
                                                                        .code())
                                                                .withClass("action"),
                                                        HtmlTable.badge(entry.getKey()
                                                                .reason()
                                                                .outcome()),
                                                        span(entry.getKey()
                                                                        .reason()
                                                                        .code())
                                                                .withClass("reason"),
                                                        span(Human.count(entry.getValue(), "table"))
                                                                .withClass("count"))
                                                .withClass("line")))
                                .withClass("lines"))
                .withClass("reasons");
    }

    /** Where the tables of one outcome begin, which the figures above lead to. */
    private static DomContent heading(Outcome outcome, RunSummary summary) {
        int tables = summary.tables().getOrDefault(outcome, 0);
        return h3(outcome.code() + ", " + Human.count(tables, "table"))
                .withId(outcome.code())
                .withClass("kind");
    }

    private static DomContent head(RunHeader run, String css) {
        return j2html.TagCreator.head(
                meta().withCharset("utf-8"),
                meta().attr("http-equiv", "Content-Security-Policy")
                        .withContent("default-src 'none'; style-src 'sha256-" + sha256(css)
                                + "'; base-uri 'none'; form-action 'none'"),
                meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                meta().withName("color-scheme").withContent("light dark"),
                meta().withName("referrer").withContent("no-referrer"),
                title("sink " + Human.plain(run.command()) + ", " + run.startedAt()),
                style(rawHtml(css)));
    }

    private static DomContent top(RunHeader run, RunSummary summary) {
        return header(
                h1(each(
                        List.of(("sink " + Human.plain(run.command())).split(" ")),
                        word -> each(span(word).withClass("word"), text(" ")))),
                span("exit " + summary.exitCode()).withClass("exit " + (summary.exitCode() == 0 ? "done" : "failed")),
                p(each(facts(run, summary), fact -> span(bdi(fact)).withClass("fact"))));
    }

    private static List<String> facts(RunHeader run, RunSummary summary) {
        List<String> facts = new ArrayList<>();
        facts.add(run.startedAt().toString());
        facts.add("took " + Human.duration(Duration.between(run.startedAt(), summary.endedAt())));
        facts.add("run " + Human.plain(run.runId()));
        facts.add("version " + Human.plain(run.version()));
        if (run.shard() != null) {
            facts.add("shard " + run.shard());
        }
        if (run.dryRun()) {
            facts.add("nothing was changed: every figure is what would be done");
        }
        if (summary.interruptedBy() != null) {
            facts.add("stopped by " + summary.interruptedBy() + " before every table was looked at");
        }
        return facts;
    }

    private DomContent tiles(RunHeader run, RunSummary summary) {
        List<DomContent> tiles = new ArrayList<>();
        tiles.add(tile(Human.count(summary.total()), summary.total() == 1 ? "table" : "tables", ""));
        summary.tables().forEach((outcome, count) -> {
            if (count > 0) {
                boolean listed = shown.stream().anyMatch(table -> table.outcome() == outcome);
                DomContent tile = tile(Human.count(count), outcome.code(), outcome.code());
                tiles.add(listed ? a(tile).withHref("#" + outcome.code()) : tile);
            }
        });
        String would = run.dryRun() ? "would be " : "";
        figure(tiles, effect.get(Counter.BYTES_FREED), Human.bytes(effect.get(Counter.BYTES_FREED)), would + "freed");
        figure(tiles, effect.filesDeleted(), Human.count(effect.filesDeleted()), "files " + would + "deleted");
        long rewritten = effect.get(Counter.DATA_FILES_REWRITTEN);
        figure(
                tiles,
                rewritten,
                Human.count(rewritten) + " → " + Human.count(effect.get(Counter.DATA_FILES_WRITTEN)),
                "data files");
        long snapshots = effect.get(Counter.SNAPSHOTS_EXPIRED);
        figure(tiles, snapshots, Human.count(snapshots), "snapshots " + would + "expired");
        return section(each(tiles, tile -> tile)).withClass("tiles");
    }

    private static void figure(List<DomContent> tiles, long value, String text, String name) {
        if (value > 0) {
            tiles.add(tile(text, name, ""));
        }
    }

    private static DomContent tile(String value, String name, String kind) {
        return div(div(value).withClass("value"), div(name).withClass("name")).withClass(("tile " + kind).strip());
    }

    private DomContent chart(RunHeader run) {
        if (bars.isEmpty()) {
            return span();
        }
        List<Bar> largest = bars.stream()
                .sorted(Comparator.comparingLong(Bar::total).reversed())
                .toList();
        double most = largest.get(0).total();
        String freed = run.dryRun() ? "would be freed" : "freed";
        boolean any = largest.stream().anyMatch(bar -> bar.freed() > 0);
        return section(
                h2("Bytes"),
                div(
                                span().withClass("key after"),
                                span("live data "),
                                any ? span().withClass("key freed") : span(),
                                span(any ? freed : ""))
                        .withClass("keys"),
                div(each(
                                largest,
                                bar -> HtmlBars.row(
                                        bdi(bar.name()),
                                        List.of(
                                                new HtmlBars.Part("after", bar.kept()),
                                                new HtmlBars.Part("freed", bar.freed())),
                                        most,
                                        figure(bar, freed))))
                        .withClass("bars"));
    }

    /** Of all tables; a page of an inspection has each table's own. */
    private DomContent sizes() {
        if (before.stream().allMatch(bucket -> bucket.files() == 0)) {
            return span();
        }
        return section(h2("Data files by size"), HtmlBars.histogram(before, after));
    }

    private static String figure(Bar bar, String freed) {
        return bar.freed() == 0
                ? Human.bytes(bar.kept())
                : (bar.kept() == 0 ? "" : Human.bytes(bar.kept()) + ", ") + Human.bytes(bar.freed()) + " " + freed;
    }

    private static String css() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("page.css")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(String css) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(css.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException everyJvmHasIt) {
            throw new IllegalStateException(everyJvmHasIt);
        }
    }
}
