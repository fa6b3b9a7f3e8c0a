package io.sink.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.span;
import static j2html.TagCreator.tag;

import io.sink.outcome.Inspection;
import io.sink.text.Human;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Bars of a page, drawn as SVG that takes the width that there is; labels are outside of it, so that a phone does not
 * shrink them.
 */
final class HtmlBars {
    private static final double WIDTH = 1000;

    private HtmlBars() {}

    /**
     * A part of a bar.
     *
     * @param kind what colours it, a class of the page's style
     */
    record Part(String kind, double value) {}

    /** One bar with its name before and its figure after it; {@code most} is the value of a full bar. */
    static DomContent row(DomContent name, List<Part> parts, double most, String figure) {
        return div(
                        span(name).withClass("bar-name"),
                        bar(parts, most),
                        span(figure).withClass("bar-figure"))
                .withClass("bar-row");
    }

    private static DomContent bar(List<Part> parts, double most) {
        ContainerTag<?> svg = tag("svg")
                .attr("viewBox", "0 0 1000 10")
                .attr("preserveAspectRatio", "none")
                .attr("aria-hidden", "true")
                .withClass("bar");
        double at = 0;
        for (Part part : parts) {
            // Every value above 0 is visible.
            double width = part.value() <= 0 || most <= 0 ? 0 : Math.max(4, part.value() / most * WIDTH);
            svg.with(tag("rect")
                    .withClass(part.kind())
                    .attr("x", number(at))
                    .attr("y", "0")
                    .attr("width", number(Math.min(width, WIDTH - at)))
                    .attr("height", "10"));
            at += width;
        }
        return svg;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", Math.max(0, value));
    }

    /** Files by size before; below each bar the one for after, if any differs. */
    static DomContent histogram(List<Inspection.Bucket> before, @Nullable List<Inspection.Bucket> after) {
        boolean both = after != null && !after.equals(before);
        List<Inspection.Bucket> then = both && after != null ? after : before;
        long most = 0;
        for (int i = 0; i < before.size(); i++) {
            most = Math.max(most, Math.max(before.get(i).files(), then.get(i).files()));
        }
        List<DomContent> rows = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            Inspection.Bucket was = before.get(i);
            Inspection.Bucket is = then.get(i);
            if (was.files() == 0 && is.files() == 0) {
                continue;
            }
            DomContent size = span(was.below() == null ? "larger" : "< " + Human.bytes(was.below()));
            rows.add(row(size, List.of(new Part(both ? "before" : "after", was.files())), most, files(was)));
            if (both) {
                rows.add(row(span(""), List.of(new Part("after", is.files())), most, files(is)));
            }
        }
        return div(
                        iff(
                                both,
                                div(
                                                span().withClass("key before"),
                                                span("before "),
                                                span().withClass("key after"),
                                                span("after"))
                                        .withClass("keys")),
                        each(rows, row -> row))
                .withClass("bars");
    }

    private static String files(Inspection.Bucket bucket) {
        return bucket.files() == 0
                ? "none"
                : Human.count(bucket.files())
                        + (bucket.files() == 1 ? " file, " : " files, ")
                        + Human.bytes(bucket.bytes());
    }
}
