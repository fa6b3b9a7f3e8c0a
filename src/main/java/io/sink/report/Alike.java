package io.sink.report;

import io.sink.outcome.ActionReport;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/** Actions on one table of which the same is to be said, which is then said once. */
final class Alike {
    private Alike() {}

    /** The actions that ended with the same reason and detail: {@code expire, compact}; empty but for the first. */
    static String told(List<ActionReport> actions, ActionReport action) {
        return codes(
                actions,
                action,
                (a, b) -> a.reason() == b.reason()
                        && a.result().detail().equals(b.result().detail()));
    }

    /** The actions that ended with the same reason; empty but for the first. */
    static String reasoned(List<ActionReport> actions, ActionReport action) {
        return codes(actions, action, (a, b) -> a.reason() == b.reason());
    }

    private static String codes(
            List<ActionReport> actions, ActionReport action, BiPredicate<ActionReport, ActionReport> alike) {
        List<ActionReport> same =
                actions.stream().filter(other -> alike.test(action, other)).toList();
        return same.get(0) == action
                ? same.stream().map(other -> other.action().code()).collect(Collectors.joining(", "))
                : "";
    }
}
