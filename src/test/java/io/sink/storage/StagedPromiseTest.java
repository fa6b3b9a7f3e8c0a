package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.PathTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run and another that takes its files away can never meet: the one stops before the other begins. */
class StagedPromiseTest {
    @TempDir
    Path warehouse;

    private final AtomicReference<Instant> clock = new AtomicReference<>(Instant.now());
    private PathTable table;
    private TableOperations ops;
    private StagedFiles staged;

    @BeforeEach
    void stage_a_file() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        ops = table.load().operations();
        staged = new StagedFiles(ops, "run", Owner.current(), clock::get);
        staged.announce(ops.metadataFileLocation("1.avro"));
    }

    @Test
    void no_commit_is_sent_after_the_promise_ran_out_which_is_long_before_the_lease() {
        clock.updateAndGet(now -> now.plus(StagedFiles.PROMISE).minusSeconds(1));
        staged.keepPromise();
        clock.updateAndGet(now -> now.plusSeconds(2));

        assertThatThrownBy(staged::keepPromise).hasMessageContaining("longer ago than 12 h");
        assertThatThrownBy(staged::commitIsNext).hasMessageContaining("longer ago than 12 h");
        assertThat(StagedFiles.LEASE).isGreaterThanOrEqualTo(StagedFiles.PROMISE.plus(Duration.ofHours(12)));
    }

    @Test
    void nothing_more_is_announced_after_the_promise_ran_out_which_a_new_entry_would_hide() {
        clock.updateAndGet(now -> now.plus(StagedFiles.PROMISE).plusSeconds(1));

        for (int again = 0; again < 2; again++) {
            assertThatThrownBy(() -> staged.announce(ops.metadataFileLocation("2.avro")))
                    .hasMessageContaining("longer ago than 12 h");
            assertThatThrownBy(staged::keepPromise).hasMessageContaining("longer ago than 12 h");
        }
    }

    @Test
    void no_commit_is_sent_after_somebody_began_to_take_the_files_away() throws Exception {
        try (var entries = Files.newDirectoryStream(table.location().resolve("metadata"), "sink-staged-*")) {
            Files.delete(entries.iterator().next());
        }

        assertThatThrownBy(staged::commitIsNext).hasMessageContaining("is gone");
    }

    @Test
    void a_staged_file_that_the_table_needs_by_now_stays_whatever_the_run_believed() {
        DataFile needed = table.append(2);
        staged.announce(needed.location());

        TakenAway taken = staged.takeAway();

        assertThat(Path.of(needed.location())).exists();
        assertThat(taken.deletedPaths()).isEmpty();
        assertThat(table.reader().rows()).hasSize(2);
    }

    @Test
    void a_settlement_of_a_commit_that_the_table_does_not_show_deletes_nothing() throws Exception {
        Path orphan = Path.of(ops.metadataFileLocation("1.avro"));
        Files.writeString(orphan, "a list of an earlier attempt");

        Map<String, String> left = staged.settled(List.of(), 17);

        assertThat(orphan).exists();
        assertThat(left.toString()).contains("does not show the commit that landed");
        assertThat(staged.settled(List.of(), table.currentSnapshot())).isEmpty();
        assertThat(orphan).doesNotExist();
    }
}
