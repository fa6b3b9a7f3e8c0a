package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Seeds;
import java.nio.file.Path;
import lib.Kills;
import lib.Sink;
import lib.TwoTables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A run is killed, at any moment and after each call to storage; the next one finds the table whole and leaves it
 * clean.
 *
 * <p>{@link Kills} has the system properties, {@code smoke/README.md} the full sizes and what came of them.
 */
@ExtendWith(Seeds.Given.class)
class KilledCompaction {
    private static final int KILLS = Kills.wanted(6);
    private static final int EVERY = Kills.every(40);

    @TempDir
    Path directory;

    @Test
    void a_compaction_killed_at_any_moment_is_finished_by_the_next_run(Seeds seeds) throws Exception {
        TwoTables tables = TwoTables.make(directory, 24, 500);
        Sink sink = Sink.in(directory).configured(TwoTables.CONFIGURATION);

        new Kills(tables, seeds)
                .atAnyMoment(
                        sink,
                        KILLS * 2 / 3,
                        when -> assertThat(tables.compacted()).as(when).isTrue(),
                        "--compact",
                        "--min-data-files",
                        "5",
                        "--target-file-size-bytes",
                        "16KiB",
                        "--verify",
                        "full");
    }

    @Test
    void an_expiry_killed_at_any_moment_is_finished_by_the_next_run(Seeds seeds) throws Exception {
        TwoTables tables = TwoTables.make(directory, 24, 500);
        Sink sink = Sink.in(directory).configured(TwoTables.CONFIGURATION);

        new Kills(tables, seeds)
                .atAnyMoment(sink, KILLS - KILLS * 2 / 3, when -> {}, "--older-than", "0s", "--retain-last", "2");
    }

    @ParameterizedTest
    @CsvSource({"path, t, compact", "jdbc, web/t, compact", "path, t, expire", "jdbc, web/t, expire"})
    void a_run_that_dies_after_any_call_is_finished_by_the_next(String type, String table, String what, Seeds seeds)
            throws Exception {
        TwoTables tables = TwoTables.make(directory, 4, 3);
        int every = what.equals("expire") ? Math.max(1, EVERY / 2) : EVERY;

        new Kills(tables, seeds).afterCalls(every, when -> {}, type, table, what);
    }
}
