package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.action.Subject;
import io.sink.catalog.TableRef;
import io.sink.config.TablePolicy;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.Policies;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On a host whose clock is behind that of a writer nothing is done that could not be committed. */
class SkewedRunTest {
    @TempDir
    Path warehouse;

    private boolean executed;

    @ParameterizedTest
    @CsvSource({
        "EXPIRE, EXPIRE_ERROR",
        "COMPACT, REWRITE_ERROR",
        "REMOVE_DANGLING_DELETES, REWRITE_ERROR",
        "REWRITE_MANIFESTS, REWRITE_ERROR",
        "ROLLBACK, ROLLBACK_REFUSED"
    })
    void what_would_commit_is_not_begun_and_says_by_how_many_minutes(ActionName action, Reason reason) {
        ActionResult result = run(action, false, Duration.ofMinutes(47));

        assertThat(executed).isFalse();
        assertThat(result.reason()).isEqualTo(reason);
        assertThat(result.detail()).contains("is dated 47 minutes after the clock of this host");
    }

    @Test
    void what_commits_nothing_is_done() {
        assertThat(run(ActionName.SETTLE, false, Duration.ofMinutes(47)).reason())
                .isEqualTo(Reason.EXPIRED);
        assertThat(run(ActionName.COMPACT, true, Duration.ofMinutes(47)).reason())
                .isEqualTo(Reason.WOULD_COMPACT);
        assertThat(run(ActionName.COMPACT, false, Duration.ZERO).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(executed).isTrue();
    }

    private ActionResult run(ActionName action, boolean dryRun, Duration behind) {
        String name = "t" + System.nanoTime();
        PathTable.create(warehouse, name, 2, Map.of()).append(1);
        InstantSource clock = () -> Instant.now().minus(behind);
        List<ActionResult> results = new ArrayList<>();
        RunRequest request = new RunRequest(
                new RunHeader("01RUN" + System.nanoTime(), "test", "maintain", dryRun, clock.instant(), null, null),
                "host",
                List.of(new Done(action)),
                List.of(new TableRef("lake", List.of(), name)),
                catalog -> false,
                ref -> false,
                ref -> false,
                new RunRequest.Limits(null, Duration.ofMinutes(1), Duration.ofMinutes(1)),
                null,
                Set.of(),
                false,
                1,
                RunRequest.Sizes.UNASKED,
                Selectors.none());
        CatalogOpening opening = new CatalogOpening(
                "lake", () -> OpenCatalogs.open("lake", "path", Map.of("warehouse", warehouse.toString()), warehouse));
        new Runner(List.of(opening), ref -> Policies.any(), clock, new Stop(), null, UnfinishedTables.NONE)
                .run(request, new RunListener() {
                    @Override
                    public void started(RunHeader header) {}

                    @Override
                    public void table(TableReport report) {
                        report.actions().forEach(done -> results.add(done.result()));
                    }

                    @Override
                    public void ended(RunSummary summary) {}
                });
        return results.get(0);
    }

    private final class Done implements Step {
        private final ActionName name;

        Done(ActionName name) {
            this.name = name;
        }

        @Override
        public ActionName name() {
            return name;
        }

        @Override
        public Decision plan(Subject subject, TablePolicy policy) {
            return new Decision.Go(new Plan() {
                @Override
                public ActionResult preview() {
                    return ActionResult.of(Reason.WOULD_COMPACT, "");
                }

                @Override
                public ActionResult execute() {
                    executed = true;
                    return ActionResult.of(Reason.EXPIRED, "");
                }
            });
        }
    }
}
