package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.Gate;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of work that is given up after the deadline. */
class EndingTest {
    private static final Instant NOW = Instant.parse("2026-11-29T00:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final Gate gate = new Gate();
    private TableOperations ops;

    @BeforeEach
    void make_a_table() {
        ops = gate.before(PathTable.create(directory, "t", 2, Map.of()).load().operations());
    }

    @Test
    void work_that_had_written_nothing_is_a_skip() {
        ActionResult result = closed();

        assertThat(result.reason()).isEqualTo(Reason.DEADLINE_REACHED);
        assertThat(result.detail()).contains("had written nothing");
    }

    @Test
    void work_that_may_have_left_files_is_none() throws IOException {
        ops.io().newOutputFile(ops.metadataFileLocation("staged")).create().close();

        ActionResult result = closed();

        assertThat(result.reason()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.detail()).startsWith("deadline-reached: ").contains("left to its journal");
    }

    @Test
    void what_an_earlier_action_wrote_does_not_count() throws IOException {
        ops.io().newOutputFile(ops.metadataFileLocation("staged")).create().close();
        gate.nextAction();

        assertThat(closed().reason()).isEqualTo(Reason.DEADLINE_REACHED);
    }

    private ActionResult closed() {
        RunRequest.Limits limits = new RunRequest.Limits(NOW.minus(MINUTE), MINUTE, MINUTE);
        return new Ending(new Stop(), () -> NOW, limits).close(gate).orElseThrow();
    }
}
