package io.sink.manifests;

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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call of a rewrite of manifests fails, by the schedules of {@link CommitFaults}. */
@ExtendWith(Seeds.Given.class)
class ManifestsFaultsTest {
    @TempDir
    Path warehouse;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void no_single_failure_loses_a_row_or_a_true_word(int formatVersion, Seeds seeds) throws Exception {
        PathTable table = PathTable.create(warehouse, "v" + formatVersion, formatVersion, Map.of());
        table.delete(table.append(1, 2, 3), 1);
        table.append(4, 5);
        table.append(6, 6);

        ActionResult clean = new CommitFaults(
                        warehouse,
                        table,
                        (ops, now) -> Acting.rewritingManifests(2).at(now).execute(ops),
                        Reason.MANIFESTS_REWRITTEN)
                .run(seeds, 12);

        assertThat(clean.effect().get(Counter.MANIFESTS_REWRITTEN)).isEqualTo(3);
    }
}
