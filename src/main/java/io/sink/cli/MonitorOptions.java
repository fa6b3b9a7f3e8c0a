package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.lineage.LineageEvents;
import io.sink.lineage.LineageLines;
import io.sink.lineage.LineageOverHttp;
import io.sink.metrics.RunMetrics;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Outputs for monitoring systems. A dry run writes none. */
final class MonitorOptions implements ExtraOutputs.Of {
    private static final String NAMESPACE = "OPENLINEAGE_NAMESPACE";
    private static final String API_KEY = "OPENLINEAGE_API_KEY";
    private static final Pattern HTTP = Pattern.compile("https?://", Pattern.CASE_INSENSITIVE);

    @Option(
            names = "--metrics-file",
            paramLabel = "FILE",
            description =
                    "Also write metrics for Prometheus to FILE, which is replaced as a whole. The time of each table's"
                            + " last success is kept from the previous file. Use one file for each command line; a"
                            + " dry run leaves it as it is. Default: none.")
    @Nullable
    Path metrics;

    @Option(
            names = "--metrics-tables",
            paramLabel = "N",
            defaultValue = "500",
            description = "How many tables get series of their own, failed ones first; all are in the sums by catalog."
                    + " Default: ${DEFAULT-VALUE}.")
    int tables = 500;

    @Option(
            names = "--openlineage",
            paramLabel = "FILE|URL",
            description = "Also write the run's OpenLineage events to FILE, or post them to the service at URL, with"
                    + " OPENLINEAGE_API_KEY as bearer token; jobs are in the namespace OPENLINEAGE_NAMESPACE,"
                    + " else sink. A dry run writes none. Default: none.")
    @Nullable
    String lineage;

    @Override
    public ExtraOutputs run(Session session, boolean whole, boolean dryRun) {
        if (tables < 0) {
            throw new UsageException(List.of("--metrics-tables " + tables + " must be at least 0"));
        }
        if (dryRun) {
            return ExtraOutputs.NONE;
        }
        return metrics(whole).plus(lineage(session));
    }

    private ExtraOutputs metrics(boolean whole) {
        Path file = metrics;
        if (file == null) {
            return ExtraOutputs.NONE;
        }
        String previous;
        try {
            previous = Files.isRegularFile(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new ReportNotWrittenException(
                    new IOException("cannot read " + file + ", which the new metrics are to replace", e));
        }
        return ExtraOutputs.file(file, to -> new RunMetrics(to, previous, whole, tables));
    }

    private ExtraOutputs lineage(Session session) {
        String where = lineage;
        if (where == null) {
            return ExtraOutputs.NONE;
        }
        Map<String, String> env = System.getenv();
        String namespace = env.getOrDefault(NAMESPACE, "sink");
        UnaryOperator<String> redaction = session.config().secrets()::redact;
        if (!HTTP.matcher(where).lookingAt()) {
            return ExtraOutputs.file(
                    Path.of(where),
                    to -> new LineageEvents(new LineageLines(to), namespace, Clock.systemUTC(), redaction));
        }
        session.config().secrets().keep(Map.of("--openlineage", where));
        String key = env.get(API_KEY);
        if (key != null) {
            session.config().secrets().keep(Map.of(API_KEY, key));
        }
        URI url = url(where);
        if (key != null && url.getUserInfo() != null) {
            throw new UsageException(
                    List.of("--openlineage has a user before its @, and %s is set too; leave out one of them"
                            .formatted(API_KEY)));
        }
        return new ExtraOutputs(
                List.of(),
                List.of(new LineageEvents(new LineageOverHttp(url, key), namespace, Clock.systemUTC(), redaction)));
    }

    private static URI url(String where) {
        try {
            return URI.create(where);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    List.of("--openlineage \"" + where + "\" is not a URL; write it as https://host/path"));
        }
    }
}
