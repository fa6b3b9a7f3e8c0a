package io.sink.metrics;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When runs and actions last succeeded, according to an earlier metrics file: a run that fails must not lose these
 * times.
 *
 * @param run when a run of the command last ended with status 0, in seconds since 1970; absent if the file does not say
 * @param tables the same for each action on a table
 */
record LastSuccess(Map<String, Double> run, Map<Key, Double> tables) {
    static final String RUN = "sink_run_last_success_timestamp_seconds";
    static final String TABLE = "sink_table_last_success_timestamp_seconds";

    private static final Pattern LINE = Pattern.compile("(" + RUN + "|" + TABLE + ")\\{(.*)} (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");

    /** An action on a table, under the names that stand in labels. */
    record Key(String catalog, String table, String action) {}

    LastSuccess {
        run = Map.copyOf(run);
        tables = new LinkedHashMap<>(tables);
    }

    /** What the text says of this command; a line that is not understood is skipped as foreign. */
    static LastSuccess parse(String text, String command) {
        Map<String, Double> run = new HashMap<>();
        Map<Key, Double> tables = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                return;
            }
            Map<String, String> labels = labels(matcher.group(2));
            double at = seconds(matcher.group(3));
            if (!command.equals(labels.get("command")) || !(at > 0) || Double.isInfinite(at)) {
                return;
            }
            if (matcher.group(1).equals(RUN)) {
                run.put(command, at);
            } else {
                tables.put(
                        new Key(
                                labels.getOrDefault("catalog", ""),
                                labels.getOrDefault("table", ""),
                                labels.getOrDefault("action", "")),
                        at);
            }
        });
        return new LastSuccess(run, tables);
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new HashMap<>();
        LABEL.matcher(text)
                .results()
                .forEach(label -> labels.put(
                        label.group(1), ESCAPE.matcher(label.group(2)).replaceAll(escape -> {
                            String of = escape.group(1);
                            return Matcher.quoteReplacement(of.equals("n") ? "\n" : of);
                        })));
        return labels;
    }

    private static double seconds(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }
}
