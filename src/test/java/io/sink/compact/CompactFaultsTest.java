package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.testing.CommitFaults;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.Seeds;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every call of a compaction fails; {@code smoke/README.md} has what came of the full size. */
@ExtendWith(Seeds.Given.class)
class CompactFaultsTest {
    @TempDir
    Path warehouse;

    @Test
    void no_single_failure_on_deletion_vectors_loses_a_row_or_a_true_word(Seeds seeds) throws Exception {
        run(seeds, 3);
    }

    @Test
    void no_single_failure_on_position_deletes_loses_a_row_or_a_true_word(Seeds seeds) throws Exception {
        run(seeds, 2);
    }

    private void run(Seeds seeds, int formatVersion) throws Exception {
        PathTable table = PathTable.create(warehouse, "v" + formatVersion, formatVersion, Map.of());
        table.delete(table.append(1, 2, 3), 1);
        table.append(4, 5);
        table.append(6, 6);

        ActionResult clean = new CommitFaults(
                        warehouse,
                        table,
                        (ops, now) -> Compacting.small().at(now).execute(ops),
                        Reason.COMPACTED)
                .run(seeds, 6);

        assertThat(clean.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(3);
    }
}
