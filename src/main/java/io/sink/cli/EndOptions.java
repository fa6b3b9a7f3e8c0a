package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that change the exit code of a run: by its reasons, and for a run without tables. */
final class EndOptions {

    private static final Map<String, Outcome> OUTCOMES =
            Map.of(Outcome.FAILED.code(), Outcome.FAILED, Outcome.DEFERRED.code(), Outcome.DEFERRED);

    /** What a shell offers for {@code --fail-on}. */
    static final class Failing implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(
                            OUTCOMES.keySet().stream(),
                            Arrays.stream(Reason.values()).map(Reason::code))
                    .sorted()
                    .iterator();
        }
    }

    @Option(
            names = "--fail-on",
            paramLabel = "REASON",
            split = ",",
            completionCandidates = Failing.class,
            description = "Reasons that count as failures for the exit code, for example"
                    + " commit-conflict,deadline-reached; failed and deferred stand for every reason of that outcome.")
    List<String> failOn = new ArrayList<>();

    @Option(
            names = "--on-failure",
            paramLabel = "COMMAND",
            description = "Command for /bin/sh if this ends with another code than 0, or cannot begin; it has a minute."
                    + " SINK_EXIT_CODE is the code, SINK_REPORT_FILE the file of --report-file, if this run wrote it."
                    + " Default: none.")
    @Nullable
    String onFailure;

    @Option(names = "--allow-empty", description = "End with 0 instead of 12 if there is no table.")
    boolean allowEmpty;

    /**
     * The reasons that {@code --fail-on} names, itself or by their outcome.
     *
     * @throws UsageException if a name is neither a reason nor {@code failed} or {@code deferred}
     */
    Set<Reason> failing() {
        Set<Reason> reasons = EnumSet.noneOf(Reason.class);
        for (String code : failOn) {
            if (OUTCOMES.containsKey(code.strip())) {
                Arrays.stream(Reason.values())
                        .filter(reason -> reason.outcome() == OUTCOMES.get(code.strip()))
                        .forEach(reasons::add);
                continue;
            }
            reasons.add(Reason.byCode(code.strip())
                    .orElseThrow(() -> new UsageException(List.of("--fail-on \"" + code
                            + "\" is not a reason; use one of: "
                            + String.join(", ", new Failing())))));
        }
        return reasons;
    }
}
