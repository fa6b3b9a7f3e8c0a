package io.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.DelegatingOperations;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.ReplayedCommit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A commit that landed and was reported as a lost race, whose snapshot is expired before anybody looks. */
class LandedAndGoneTest {
    @TempDir
    Path warehouse;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void others_that_built_on_our_snapshot_and_expired_it_keep_a_table_that_can_be_read(int appends) {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        TableOperations replaying = new ReplayedCommit(table.load().operations(), () -> {
            for (int i = 0; i < appends; i++) {
                table.append(10 + i);
            }
            BaseTable theirs = table.load();
            theirs.expireSnapshots()
                    .expireOlderThan(System.currentTimeMillis() + 1_000)
                    .retainLast(1)
                    .cleanExpiredFiles(false)
                    .commit();
        });

        ActionResult result = Compacting.small().execute(replaying);

        assertThat(table.reader().reachable()).as(result.toString()).allMatch(Files::exists);
        assertThat(table.reader().rows()).hasSize(2 + appends);
        assertThat(result.reason()).isEqualTo(Reason.COMPACTED);
    }

    @Test
    void a_commit_that_is_called_done_and_is_not_there_is_unknown_and_nothing_is_deleted() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        TableOperations ops = table.load().operations();

        ActionResult result = Compacting.small().execute(new DelegatingOperations(ops, ops.io()) {
            @Override
            public void commit(TableMetadata base, TableMetadata metadata) {
                // as a server that answers with the table as it was
            }
        });

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
        assertThat(result.detail()).contains("the table does not show it");
        assertThat(result.files().left()).isNotEmpty().allMatch(file -> Files.exists(Path.of(file.split(" ", 2)[0])));
        assertThat(table.reader().rows()).hasSize(2);
    }
}
