package io.sink.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Settings of what rewrites files or manifests, as flags. */
final class RewriteOptions {

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
            names = "--on-unreadable",
            paramLabel = "fail|skip-group",
            description = "Where a file of one group cannot be rewritten: rewrite nothing, or the other groups; the"
                    + " table counts as failed either way. Default: fail.")
    @Nullable
    String onUnreadable;

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

    /** The flags that were given, by their names without dashes. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        PolicyOptions.put(given, "min-data-files", minDataFiles);
        PolicyOptions.put(given, "max-bytes", maxBytes);
        PolicyOptions.put(given, "when-above-cap", whenAboveCap);
        PolicyOptions.put(given, "on-unreadable", onUnreadable);
        PolicyOptions.put(given, "target-file-size-bytes", targetFileSizeBytes);
        PolicyOptions.put(given, "min-input-files", minInputFiles);
        PolicyOptions.put(given, "branch", branch);
        PolicyOptions.put(given, "verify", verify);
        PolicyOptions.put(given, "min-dangling-deletes", minDanglingDeletes);
        PolicyOptions.put(given, "min-manifests", minManifests);
        PolicyOptions.put(given, "max-run-bytes", maxRunBytes);
        return given;
    }
}
