package io.sink.deletes;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.CommitFaults;
import io.sink.testing.PathTable;
import io.sink.testing.Seeds;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call of a removal of dangling deletes fails, by the schedules of {@link CommitFaults}. */
@ExtendWith(Seeds.Given.class)
class DeletesFaultsTest {
    @TempDir
    Path warehouse;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void no_single_failure_loses_a_row_or_a_true_word(int formatVersion, Seeds seeds) throws Exception {
        PathTable table = PathTable.create(warehouse, "v" + formatVersion, formatVersion, Map.of());
        DataFile gone = table.append(1, 2);
        DataFile stays = table.append(3, 4, 5);
        table.delete(stays, 1);
        table.load().newDelete().deleteFile(gone).commit();
        table.delete(gone, 0);

        ActionResult clean = new CommitFaults(
                        warehouse,
                        table,
                        (ops, now) -> Acting.removingDanglingDeletes().at(now).execute(ops),
                        Reason.DANGLING_DELETES_REMOVED)
                .run(seeds, 12);

        assertThat(clean.effect().get(Counter.DELETE_FILES_REMOVED)).isEqualTo(1);
    }
}
