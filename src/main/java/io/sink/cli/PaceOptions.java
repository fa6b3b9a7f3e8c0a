package io.sink.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much of a run is done, and at once. */
final class PaceOptions {

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            description =
                    "Begin nothing after this long, and give up what is not committed; reported as deadline-reached."
                            + " Default: as configured, else no limit.")
    @Nullable
    String deadline;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "Tables, and file groups of a compaction, at work at once. Default: as configured, else 1.")
    @Nullable
    String parallel;

    /** The flags that were given, by their names without dashes. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        if (deadline != null) {
            given.put("deadline", deadline);
        }
        if (parallel != null) {
            given.put("parallel", parallel);
        }
        return given;
    }
}
