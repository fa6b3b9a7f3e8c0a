package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbandonedStagingTest {
    private static final Owner ELSEWHERE = new Owner("another-host", 1, 1);

    @TempDir
    Path warehouse;

    private TableOperations ops;

    @BeforeEach
    void make_a_table() {
        ops = PathTable.create(warehouse, "t", 2, Map.of()).load().operations();
    }

    @Test
    void a_run_whose_clock_is_years_behind_is_not_given_up_while_it_writes() {
        new StagedFiles(ops, "run", ELSEWHERE, InstantSource.fixed(Instant.EPOCH))
                .announce(ops.metadataFileLocation("x.avro"));

        assertThat(AbandonedStaging.find(ops, Instant.now(), true)).isEmpty();
        assertThat(AbandonedStaging.find(ops, Instant.now().plus(Duration.ofHours(25)), true))
                .hasSize(1);
    }

    @Test
    void runs_whose_ids_begin_alike_are_two_runs() {
        StagedFiles first = new StagedFiles(ops, "a", ELSEWHERE, InstantSource.system());
        StagedFiles second = new StagedFiles(ops, "a-1", Owner.current(), InstantSource.system());
        first.announce(ops.metadataFileLocation("1.avro"));
        second.announce(ops.metadataFileLocation("2.avro"));

        assertThat(AbandonedStaging.find(ops, Instant.now().plus(Duration.ofHours(25)), true))
                .extracting(AbandonedStaging::files)
                .hasSize(2)
                .allMatch(files -> files.size() == 1);
    }

    @Test
    void two_processes_with_one_run_id_keep_an_entry_each() {
        StagedFiles first = new StagedFiles(ops, "same", ELSEWHERE, InstantSource.system());
        StagedFiles second = new StagedFiles(ops, "same", ELSEWHERE, InstantSource.system());
        first.announce(ops.metadataFileLocation("1.avro"));
        second.announce(ops.metadataFileLocation("2.avro"));

        assertThat(AbandonedStaging.find(ops, Instant.now().plus(Duration.ofHours(25)), true))
                .flatExtracting(AbandonedStaging::files)
                .hasSize(2);
    }

    /** A process's start in wall-clock time changes when the clock is set; two runs would not agree on it. */
    @Test
    void this_process_is_known_by_a_start_that_no_clock_moves() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        long ticks = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);

        assertThat(Owner.current().startedAt()).isEqualTo(ticks);
        assertThat(Owner.current().isGone()).isFalse();
        assertThat(new Owner(Owner.current().place(), Owner.current().pid(), ticks - 1).isGone())
                .isTrue();
    }
}
