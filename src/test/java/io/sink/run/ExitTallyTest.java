package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.ExitCode;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExitTallyTest {

    @ParameterizedTest
    @MethodSource("cases")
    void is_what_the_tables_came_to(String tables, int catalogsFailed, @Nullable String signal, int status) {
        ExitTally tally = tally(Set.of(), tables, catalogsFailed);

        assertThat(tally.status(false, signal)).isEqualTo(status);
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                arguments("expired", 0, null, 0),
                arguments("expired nothing-to-expire excluded gc-disabled", 0, null, 0),
                arguments("would-expire", 0, null, 0),
                arguments("commit-conflict", 0, null, 0),
                arguments("expired deadline-reached", 0, null, 0),
                arguments("expired no-table", 0, null, 0),
                arguments("", 0, null, 12),
                arguments("no-table no-table", 0, null, 12),
                arguments("expired permission-denied", 0, null, 20),
                arguments("expired", 1, null, 20),
                arguments("permission-denied metadata-unreadable", 0, null, 21),
                arguments("permission-denied", 1, null, 21),
                arguments("", 1, null, 22),
                arguments("", 2, null, 22),
                arguments("expired commit-state-unknown", 0, null, 23),
                arguments("commit-state-unknown", 0, null, 23),
                arguments("commit-state-unknown storage-error", 1, null, 23),
                arguments("commit-state-unknown", 0, "SIGINT", 23),
                arguments("expired", 0, "SIGINT", 130),
                arguments("expired", 0, "SIGTERM", 143),
                arguments("expired interrupted", 0, "SIGTERM", 143),
                arguments("storage-error", 0, "SIGTERM", 143),
                arguments("", 0, "SIGINT", 130));
    }

    @Test
    void is_unreachable_only_where_no_catalog_could_be_looked_at() {
        ExitTally tally = tally(Set.of(), "", 1);

        tally.catalogWalked();

        assertThat(tally.status(false, null)).isEqualTo(20);
        assertThat(tally.status(true, null)).isEqualTo(20);
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void counts_every_failure_and_nothing_else(Reason reason) {
        int status = tally(Set.of(), reason.code() + " expired", 0).status(false, null);

        if (reason == Reason.COMMIT_STATE_UNKNOWN) {
            assertThat(status).isEqualTo(ExitCode.COMMIT_UNKNOWN.code());
        } else {
            assertThat(status)
                    .isEqualTo(reason.outcome() == Outcome.FAILED ? ExitCode.SOME_FAILED.code() : ExitCode.OK.code());
        }
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void counts_any_reason_that_it_is_told_to(Reason reason) {
        int status = tally(Set.of(reason), reason.code(), 0).status(false, null);

        assertThat(status).isIn(ExitCode.ALL_FAILED.code(), ExitCode.COMMIT_UNKNOWN.code());
    }

    @ParameterizedTest
    @MethodSource("empty")
    void is_fine_without_tables_where_that_is_allowed(String tables, int catalogsFailed, int status) {
        assertThat(tally(Set.of(), tables, catalogsFailed).status(true, null)).isEqualTo(status);
    }

    static Stream<Arguments> empty() {
        return Stream.of(arguments("", 0, 0), arguments("no-table", 0, 0), arguments("", 1, 22));
    }

    private static ExitTally tally(Set<Reason> failOn, String tables, int catalogsFailed) {
        ExitTally tally = new ExitTally(failOn);
        Arrays.stream(tables.split(" ")).filter(code -> !code.isEmpty()).forEach(code -> tally.table(table(code)));
        for (int i = 0; i < catalogsFailed; i++) {
            tally.catalogFailed();
        }
        return tally;
    }

    private static TableReport table(String code) {
        Reason reason = Reason.byCode(code).orElseThrow();
        ActionReport action = new ActionReport(ActionName.EXPIRE, ActionResult.of(reason, ""), Duration.ZERO);
        return new TableReport("lake." + code, "lake", null, "", null, null, List.of(action));
    }
}
