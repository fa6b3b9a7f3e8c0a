package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sink.outcome.Reason;
import java.time.Duration;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.junit.jupiter.api.Test;

class CausesTest {
    @Test
    void are_a_failure_and_its_causes_in_order() {
        ForbiddenException cause = new ForbiddenException("no");
        RuntimeException failure = new IllegalStateException(cause);

        assertThat(Causes.of(failure)).containsExactly(failure, cause);
        assertThat(Failures.reason(failure, Reason.REWRITE_ERROR)).isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void that_lead_back_to_themselves_have_an_end() {
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second", first);
        first.initCause(second);

        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            assertThat(Failures.reason(first, Reason.REWRITE_ERROR)).isEqualTo(Reason.REWRITE_ERROR);
            assertThat(Failures.loadReason(first)).isNotNull();
            assertThat(Failures.isGone(first)).isFalse();
            assertThat(Failures.isBusyDatabase(first)).isFalse();
            assertThat(Failures.message(first)).isEqualTo("first: second");
        });
    }
}
