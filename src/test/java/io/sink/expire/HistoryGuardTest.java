package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryGuardTest {
    @TempDir
    Path warehouse;

    @Test
    void keeps_the_snapshots_of_a_table_that_lost_its_rows() throws IOException {
        PathTable table = table(2_000);
        long whole = table.currentSnapshot();
        table.replace(1);
        Map<String, Long> before = Trees.contents(warehouse);

        ActionResult refused = expire(table, guards(90, null, null));
        Map<String, Long> after = Trees.contents(warehouse);
        ActionResult meant = expire(table, guards(100, null, null));

        assertThat(after).isEqualTo(before);
        assertThat(refused.reason()).isEqualTo(Reason.TABLE_SHRANK);
        assertThat(refused.detail())
                .contains("main has 1 rows in 1 files", "snapshot " + whole, "has 2000 in 1", "max-shrink-percent 90");
        assertThat(meant.reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void lets_a_table_shrink_within_reason_and_a_small_one_as_it_likes() {
        PathTable half = table(2_000);
        half.replace(ids(1_000));
        PathTable small = PathTable.create(warehouse, "small", 2, Map.of());
        small.append(ids(900));
        small.replace(1);

        assertThat(expire(half, guards(90, null, null)).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(expire(small, guards(90, null, null)).reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void keeps_the_snapshots_of_a_table_that_grew_beyond_what_is_configured() {
        PathTable table = table(100);
        table.append(ids(2_000));

        ActionResult refused = expire(table, guards(90, 1_000, null));
        ActionResult fine = expire(table, guards(90, 3_000, null));

        assertThat(refused.reason()).isEqualTo(Reason.TABLE_GREW);
        assertThat(refused.detail()).contains("main has 2100 rows in 2 files", "max-growth-percent 1000");
        assertThat(fine.reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void keeps_what_a_reader_may_be_in_the_middle_of_however_old_it_is() {
        PathTable table = table(1);
        long old = table.currentSnapshot();
        table.append(2);
        ExpirePolicy.History guards = guards(null, null, Duration.ofHours(6));

        ActionResult refused = expire(table, guards);
        ActionResult later = Expiry.keeping(1)
                .guarding(guards)
                .at(Instant.now().plus(Duration.ofHours(7)))
                .execute(table.load().operations());

        assertThat(refused.reason()).isEqualTo(Reason.EXPIRY_GUARD);
        assertThat(refused.detail()).contains("snapshot " + old, "longest-reader PT6H (test)");
        assertThat(later.reason()).isEqualTo(Reason.EXPIRED);
    }

    private PathTable table(int rows) {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(ids(rows));
        return table;
    }

    private static long[] ids(int rows) {
        return LongStream.range(0, rows).toArray();
    }

    private static ExpirePolicy.History guards(
            @Nullable Integer shrink, @Nullable Integer growth, @Nullable Duration reader) {
        return new ExpirePolicy.History(
                shrink == null ? null : Expiry.set(shrink),
                growth == null ? null : Expiry.set(growth),
                reader == null ? null : Expiry.set(reader));
    }

    private static ActionResult expire(PathTable table, ExpirePolicy.History guards) {
        return Expiry.keeping(1).guarding(guards).execute(table.load().operations());
    }
}
