package io.sink.report;

import io.sink.outcome.Inspection;
import io.sink.text.Human;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The state of a table, for a person, in a few lines. */
final class InspectionText {
    private static final int WIDEST = 30;
    /** Columns that the text before a bar takes. */
    private static final int BESIDE = 48;

    private InspectionText() {}

    static List<String> lines(Inspection of, LineWidth width) {
        List<String> lines = new ArrayList<>();
        lines.add("  %s, %s, %s; %s"
                .formatted(
                        Human.count(of.dataFiles(), "data file"),
                        Human.bytes(of.dataBytes()),
                        Human.count(of.records(), "record"),
                        deletes(of)));
        lines.addAll(histogram(of, Math.max(1, Math.min(WIDEST, width.columns() - BESIDE))));
        String ages = of.snapshots().stream()
                .filter(age -> age.snapshots() > 0)
                .map(age -> age.snapshots()
                        + (age.belowDays() == null ? " older" : " younger than " + age.belowDays() + "d"))
                .collect(Collectors.joining(", "));
        lines.add(ages.isEmpty() ? "  no snapshots" : "  snapshots: " + ages);
        if (of.refs() == null) {
            lines.add("  too many files to say what each branch and tag holds");
        } else {
            of.refs().stream().filter(pin -> pin.files() > 0).forEach(pin -> lines.add(pin(pin)));
        }
        lines.add("  %s, %s; metadata %s"
                .formatted(
                        Human.count(of.manifests(), "manifest"),
                        Human.bytes(of.manifestBytes()),
                        of.metadataBytes() == null ? "of unknown length" : Human.bytes(of.metadataBytes())));
        return lines;
    }

    private static String deletes(Inspection of) {
        Inspection.Deletes deletes = of.deletes();
        if (deletes.files() == 0) {
            return "no delete files";
        }
        return String.format(
                Locale.ROOT,
                "%s (%s by position, %s by value, %s vectors), %.1f for each 100 data files; %s dangling",
                Human.count(deletes.files(), "delete file"),
                Human.count(deletes.position()),
                Human.count(deletes.equality()),
                Human.count(deletes.vectors()),
                of.dataFiles() == 0 ? 0.0 : deletes.files() * 100.0 / of.dataFiles(),
                deletes.dangling() == null ? "an unknown number" : Human.count(deletes.dangling()));
    }

    private static List<String> histogram(Inspection of, int widest) {
        long most = of.histogram().stream()
                .mapToLong(Inspection.Bucket::files)
                .max()
                .orElse(0);
        List<String> lines = new ArrayList<>();
        for (Inspection.Bucket bucket : of.histogram()) {
            if (bucket.files() > 0) {
                int length = (int) Math.max(1, bucket.files() * widest / most);
                lines.add("    %-12s %10s %-5s %12s  %s"
                        .formatted(
                                bucket.below() == null ? "larger" : "< " + Human.bytes(bucket.below()),
                                Human.count(bucket.files()),
                                bucket.files() == 1 ? "file" : "files",
                                Human.bytes(bucket.bytes()),
                                "#".repeat(length)));
            }
        }
        return lines;
    }

    private static String pin(Inspection.Pin pin) {
        String what = pin.ref() == null ? "older snapshots" : pin.kind() + " " + Human.plain(pin.ref());
        return "  only %s %s: %s in %s, %s"
                .formatted(
                        what,
                        pin.ref() == null ? "hold" : "holds",
                        Human.bytes(pin.bytes()),
                        Human.count(pin.files(), "file"),
                        pin.ageDays() == 0
                                ? "less than a day old"
                                : "up to " + Human.count(pin.ageDays(), "day") + " old");
    }
}
