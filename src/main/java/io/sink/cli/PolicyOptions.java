package io.sink.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Settings that win over the configuration file; read and checked where the file's are. */
final class PolicyOptions {

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            description =
                    "Expire snapshots older than this: 5d, 12h, PT5H or an RFC 3339 instant that is past. Default: as"
                            + " configured, else the table's history.expire.max-snapshot-age-ms, else 5d.")
    @Nullable
    String olderThan;

    @Option(
            names = "--retain-last",
            paramLabel = "N",
            description = "Keep at least the last N snapshots of each branch. Default: as configured, else the table's"
                    + " history.expire.min-snapshots-to-keep, else 1.")
    @Nullable
    String retainLast;

    @Option(
            names = "--max-expire-snapshots",
            paramLabel = "N",
            description = "Guard: leave a table alone if more than N of its snapshots would expire. Default: as"
                    + " configured, else no limit.")
    @Nullable
    String maxExpireSnapshots;

    @Option(
            names = "--max-expire-bytes-percent",
            paramLabel = "N",
            description = "Guard: leave a table alone if more than N %% of the bytes that its snapshots reach would go."
                    + " Default: as configured, else no limit.")
    @Nullable
    String maxExpireBytesPercent;

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            description =
                    "Begin no table after this long; the rest is reported as deadline-reached. Default: as configured,"
                            + " else no limit.")
    @Nullable
    String deadline;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "Tables at work at once. Default: as configured, else 1.")
    @Nullable
    String parallel;

    /** The flags that were given, by their names without dashes. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        put(given, "older-than", olderThan);
        put(given, "retain-last", retainLast);
        put(given, "max-expire-snapshots", maxExpireSnapshots);
        put(given, "max-expire-bytes-percent", maxExpireBytesPercent);
        put(given, "deadline", deadline);
        put(given, "parallel", parallel);
        return given;
    }

    private static void put(Map<String, String> given, String name, @Nullable String value) {
        if (value != null) {
            given.put(name, value);
        }
    }
}
