package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Setting;
import io.sink.compact.CompactAction;
import io.sink.compact.CompactPolicy;
import io.sink.config.TablePolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.expire.ExpirePolicy;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.rewrite.ProofLevel;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetTest {
    @TempDir
    Path warehouse;

    private final Map<String, ActionResult> results = new LinkedHashMap<>();

    @BeforeEach
    void make() {
        for (var table : Map.of("few", 2, "many", 9, "some", 4).entrySet()) {
            PathTable made = PathTable.create(warehouse, table.getKey(), 2, Map.of());
            for (int file = 0; file < table.getValue(); file++) {
                made.append(file);
            }
        }
    }

    private RunSummary run(boolean dryRun, @Nullable Long maxBytes) {
        results.clear();
        TablePolicy policy = new TablePolicy(
                false,
                false,
                "test",
                Map.of(),
                new ExpirePolicy(
                        null,
                        null,
                        null,
                        null,
                        ExpirePolicy.History.UNGUARDED,
                        new Setting<>(ExpirePolicy.Exclusive.NONE, "default")),
                new CompactPolicy(
                        set(2),
                        set(1L << 30),
                        null,
                        set(2),
                        set(CompactPolicy.WhenAboveCap.SKIP),
                        set(ProofLevel.COUNTS),
                        set("main"),
                        set(CompactPolicy.OnUnreadable.FAIL),
                        set(1),
                        set(1),
                        CompactPolicy.Partitions.ALL),
                new DeletesPolicy(set(1), set("main")),
                new ManifestsPolicy(null, set("main")),
                new OrphanPolicy(set(Duration.ofDays(3)), set(50)));
        Step step = Step.of(
                new CompactAction(new LocalEngine(1, MemoryBudget.work()), InstantSource.system(), "test"),
                TablePolicy::compact);
        RunRequest request = new RunRequest(
                new RunHeader("01RUN" + System.nanoTime(), "test", "maintain", dryRun, Instant.now(), null, null),
                "host",
                List.of(step),
                List.of(),
                catalog -> true,
                ref -> true,
                ref -> false,
                new RunRequest.Limits(null, Duration.ofMinutes(1), Duration.ofMinutes(15)),
                maxBytes,
                Set.of(),
                false,
                1,
                RunRequest.Sizes.UNASKED,
                Selectors.none());
        CatalogOpening opening = new CatalogOpening(
                "made", () -> OpenCatalogs.open("made", "path", Map.of("warehouse", warehouse.toString()), warehouse));
        return new Runner(
                        List.of(opening),
                        ref -> policy,
                        InstantSource.system(),
                        new Stop(),
                        null,
                        UnfinishedTables.NONE)
                .run(request, new RunListener() {
                    @Override
                    public void started(RunHeader header) {}

                    @Override
                    public void table(TableReport report) {
                        results.put(report.table(), report.actions().get(0).result());
                    }

                    @Override
                    public void ended(RunSummary summary) {}
                });
    }

    private ActionResult result(String table) {
        return Objects.requireNonNull(results.get(table), table);
    }

    private static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    @Test
    void what_does_not_fit_is_deferred_with_its_backlog_and_comes_the_next_time() {
        run(true, null);
        assertThat(results.keySet()).containsExactly("made.few", "made.many", "made.some");
        long many = result("made.many").effect().get(Counter.BYTES_READ);
        long few = result("made.few").effect().get(Counter.BYTES_READ);

        run(true, many + few);
        assertThat(result("made.some").reason()).isEqualTo(Reason.DEFERRED_BUDGET);
        RunSummary first = run(false, many + few);

        assertThat(first.exitCode()).isZero();
        // the most to gain first, and no byte above the budget
        assertThat(results.keySet()).containsExactly("made.many", "made.some", "made.few");
        assertThat(result("made.many").reason()).isEqualTo(Reason.COMPACTED);
        assertThat(result("made.some").reason()).isEqualTo(Reason.DEFERRED_BUDGET);
        assertThat(result("made.some").effect().get(Counter.BACKLOG_FILES)).isEqualTo(4);
        assertThat(result("made.few").reason()).isEqualTo(Reason.COMPACTED);
        assertThat(first.effect().get(Counter.BYTES_READ)).isEqualTo(many + few);

        run(false, many + few);
        assertThat(result("made.some").reason()).isEqualTo(Reason.COMPACTED);
    }

    @Test
    void a_table_above_the_whole_budget_is_told_so() {
        run(false, 1L);

        assertThat(results.values()).allSatisfy(result -> {
            assertThat(result.reason()).isEqualTo(Reason.DEFERRED_BUDGET);
            assertThat(result.detail()).contains("when-above-cap: partial");
        });
    }
}
