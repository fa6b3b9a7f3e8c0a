package io.sink.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Settings of an expiry as flags. */
final class ExpiryOptions {

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
            names = "--max-shrink-percent",
            paramLabel = "N",
            description = "Guard: leave a table's history alone if the table holds more than N %% fewer rows than a"
                    + " snapshot that would expire; 100 never does. Default: as configured, else 90.")
    @Nullable
    String maxShrinkPercent;

    @Option(
            names = "--max-growth-percent",
            paramLabel = "N",
            description = "Guard: leave a table's history alone if the table holds more than N %% more rows than each"
                    + " snapshot that would expire. Default: as configured, else no limit.")
    @Nullable
    String maxGrowthPercent;

    @Option(
            names = "--longest-reader",
            paramLabel = "AGE",
            description = "Guard: leave a table alone if a snapshot would expire that was the newest within this time,"
                    + " since a query may still read it. Default: as configured, else not looked at.")
    @Nullable
    String longestReader;

    /** The flags that were given, by their names without dashes. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        PolicyOptions.put(given, "older-than", olderThan);
        PolicyOptions.put(given, "retain-last", retainLast);
        PolicyOptions.put(given, "max-expire-snapshots", maxExpireSnapshots);
        PolicyOptions.put(given, "max-expire-bytes-percent", maxExpireBytesPercent);
        PolicyOptions.put(given, "max-shrink-percent", maxShrinkPercent);
        PolicyOptions.put(given, "max-growth-percent", maxGrowthPercent);
        PolicyOptions.put(given, "longest-reader", longestReader);
        return given;
    }
}
