package io.sink.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
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

    @Option(
            names = "--min-data-files",
            paramLabel = "N",
            description = "Compact a table from this many live data files on. Default: 32.")
    @Nullable
    String minDataFiles;

    @Option(
            names = "--max-bytes",
            paramLabel = "SIZE",
            description = "Read at most this much of a table for one compaction. Default: 10GiB.")
    @Nullable
    String maxBytes;

    @Option(
            names = "--when-above-cap",
            paramLabel = "skip|partial",
            description =
                    "Above --max-bytes: rewrite nothing, or the groups with the most gain that fit. Default: skip.")
    @Nullable
    String whenAboveCap;

    @Option(
            names = "--target-file-size-bytes",
            paramLabel = "SIZE",
            description = "Size of the files to write. Default: the table's write.target-file-size-bytes, else 512MiB.")
    @Nullable
    String targetFileSizeBytes;

    @Option(
            names = "--min-input-files",
            paramLabel = "N",
            description = "Rewrite a group from this many files on. Default: 5.")
    @Nullable
    String minInputFiles;

    @Option(
            names = "--branch",
            paramLabel = "NAME",
            description = "Compact this branch, and remove its dangling deletes. Default: main.")
    @Nullable
    String branch;

    @Option(
            names = "--verify",
            paramLabel = "counts|full",
            description =
                    "Before the commit prove rows and nulls, or also a fingerprint of every row. Default: counts.")
    @Nullable
    String verify;

    @Option(
            names = "--min-dangling-deletes",
            paramLabel = "N",
            description = "Remove dangling delete files from this many on. Default: 1.")
    @Nullable
    String minDanglingDeletes;

    @Option(
            names = "--min-manifests",
            paramLabel = "N",
            description = "Rewrite manifests from this many small ones on. Default: as configured, else the table's"
                    + " commit.manifest.min-count-to-merge, else 100.")
    @Nullable
    String minManifests;

    @Option(
            names = "--max-run-bytes",
            paramLabel = "SIZE",
            description =
                    "Read at most this much for all compactions of the run; the others are deferred-budget, and come"
                            + " first the next time. Default: as configured, else no limit.")
    @Nullable
    String maxRunBytes;

    @Mixin
    PaceOptions pace = new PaceOptions();

    /** The flags that were given, by their names without dashes. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        put(given, "older-than", olderThan);
        put(given, "retain-last", retainLast);
        put(given, "max-expire-snapshots", maxExpireSnapshots);
        put(given, "max-expire-bytes-percent", maxExpireBytesPercent);
        put(given, "max-shrink-percent", maxShrinkPercent);
        put(given, "max-growth-percent", maxGrowthPercent);
        put(given, "longest-reader", longestReader);
        put(given, "min-data-files", minDataFiles);
        put(given, "max-bytes", maxBytes);
        put(given, "when-above-cap", whenAboveCap);
        put(given, "target-file-size-bytes", targetFileSizeBytes);
        put(given, "min-input-files", minInputFiles);
        put(given, "branch", branch);
        put(given, "verify", verify);
        put(given, "min-dangling-deletes", minDanglingDeletes);
        put(given, "min-manifests", minManifests);
        put(given, "max-run-bytes", maxRunBytes);
        given.putAll(pace.given());
        return given;
    }

    private static void put(Map<String, String> given, String name, @Nullable String value) {
        if (value != null) {
            given.put(name, value);
        }
    }
}
