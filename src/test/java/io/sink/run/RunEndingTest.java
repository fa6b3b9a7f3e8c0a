package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.Subject;
import io.sink.catalog.Gate;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.commit.CommitResult;
import io.sink.commit.Committer;
import io.sink.compact.CompactPolicy;
import io.sink.config.TablePolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpirePolicy;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.rewrite.ProofLevel;
import io.sink.table.DelegatingOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What hangs is given up, what was sent is waited for, and nobody else pays for it. */
@Timeout(180)
class RunEndingTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    @TempDir
    Path state;

    private UnfinishedTables unfinished = UnfinishedTables.NONE;
    private final AtomicLong nanos = new AtomicLong();
    private final Stop stop = new Stop(nanos::get);
    private final Map<String, ActionResult> results = new ConcurrentHashMap<>();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final Phaser atWork = new Phaser(1);
    private PathTable slow;
    private PathTable quick;

    @BeforeEach
    void make_tables() {
        slow = PathTable.create(directory, "slow", 2, Map.of());
        slow.append(1, 2);
        quick = PathTable.create(directory, "quick", 2, Map.of());
    }

    /** What was given up still works in the directory of this test until it ends. */
    @AfterEach
    void let_go() throws InterruptedException, TimeoutException {
        release.countDown();
        atWork.awaitAdvanceInterruptibly(atWork.arrive(), 60, TimeUnit.SECONDS);
    }

    @Test
    void gives_up_a_table_that_hangs_and_whatever_it_does_when_it_wakes_harms_nothing() throws Exception {
        SavedTree before = SavedTree.of(directory);
        CompletableFuture<List<Throwable>> woken = new CompletableFuture<>();
        Step step = step(subject -> {
            if (subject.name().endsWith("quick")) {
                return ActionResult.of(Reason.NOTHING_TO_EXPIRE, "");
            }
            TableOperations ops = subject.ops();
            TableMetadata base = ops.current();
            String file = base.currentSnapshot().manifestListLocation();
            hang();
            woken.complete(List.of(
                    thrownBy(() -> ops.io().newOutputFile(file + ".new").create()),
                    thrownBy(() -> ops.io().deleteFile(file)),
                    thrownBy(() -> ops.commit(base, base))));
            return ActionResult.of(Reason.EXPIRED, "too late");
        });

        RunSummary summary = stoppedWhileItHangs(step, MINUTE, UnaryOperator.identity());

        assertThat(summary.exitCode()).isEqualTo(143);
        assertThat(result("slow").reason()).isEqualTo(Reason.INTERRUPTED);
        assertThat(result("slow").detail()).contains("SIGTERM").contains("given up");
        assertThat(result("quick").reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        release.countDown();
        assertThat(woken.get()).hasSize(3).hasOnlyElementsOfType(Gate.ClosedException.class);
        assertThat(SavedTree.files(directory)).isEqualTo(before.files()).allMatch(before::intact);
        assertThat(result("slow").reason()).isEqualTo(Reason.INTERRUPTED);
    }

    @Test
    void a_table_that_hung_has_its_turn_last_the_next_time() throws Exception {
        Map<String, Path> notes = Map.of("lake", state.resolve("lake.unfinished"));
        unfinished = UnfinishedTables.of(notes, "maintain", InstantSource.system());
        stoppedWhileItHangs(
                step(subject -> {
                    if (subject.name().endsWith("slow")) {
                        hang();
                    }
                    return ActionResult.of(Reason.NOTHING_TO_EXPIRE, "");
                }),
                MINUTE,
                UnaryOperator.identity());
        unfinished.close();

        UnfinishedTables next = UnfinishedTables.asTheyAre(notes, "maintain", InstantSource.system());
        assertThat(next.isSuspect(new TableRef("lake", List.of(), "slow"))).isTrue();
        assertThat(next.isSuspect(new TableRef("lake", List.of(), "quick"))).isFalse();
        assertThat(next.refusal(new TableRef("lake", List.of(), "slow"))).isNull();
    }

    @Test
    void waits_for_a_commit_whose_request_was_sent() throws Exception {
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(
                () -> run(committing(), MINUTE, ops -> new SlowCommit(ops)), RunEndingTest::inOwnThread);
        hanging.await();
        signalLongAgo();
        boolean ended = true;
        try {
            run.get(300, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            ended = false;
        }
        release.countDown();

        assertThat(ended).isFalse();
        assertThat(run.get().exitCode()).isEqualTo(143);
        assertThat(result("slow").reason()).isEqualTo(Reason.EXPIRED);
        assertThat(slow.load().properties()).containsEntry("committed", "yes");
    }

    @Test
    void a_commit_that_is_not_answered_within_its_bound_is_unknown() throws Exception {
        RunSummary summary = stoppedWhileItHangs(committing(), Duration.ofMillis(100), SlowCommit::new);

        assertThat(summary.exitCode()).isEqualTo(23);
        assertThat(result("slow").reason()).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
    }

    @Test
    void a_catalog_that_does_not_answer_keeps_none_of_the_others_waiting() {
        CatalogOpening hostile = new CatalogOpening("hostile", () -> {
            hang();
            throw new IllegalStateException("released");
        });

        RunSummary summary = run(
                List.of(hostile, opening(UnaryOperator.identity())),
                step(subject -> ActionResult.of(Reason.NOTHING_TO_EXPIRE, "")),
                new RunRequest.Limits(null, MINUTE, Duration.ofMillis(500)));

        assertThat(summary.exitCode()).isEqualTo(20);
        assertThat(reported("hostile").reason()).isEqualTo(Reason.CATALOG_UNREACHABLE);
        assertThat(reported("hostile").detail())
                .contains("cannot be opened within")
                .contains("catalog-timeout");
        assertThat(result("slow").reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(result("quick").reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
    }

    @Test
    void where_there_is_a_deadline_a_catalog_is_given_up_once_another_needs_the_time() {
        CatalogOpening hostile = new CatalogOpening("hostile", () -> {
            hang();
            throw new IllegalStateException("released");
        });

        RunSummary summary = run(
                List.of(hostile, opening(UnaryOperator.identity())),
                step(subject -> ActionResult.of(Reason.NOTHING_TO_EXPIRE, "")),
                new RunRequest.Limits(Instant.now().plusSeconds(20), MINUTE, Duration.ofMinutes(15)));

        assertThat(summary.exitCode()).isEqualTo(20);
        assertThat(reported("hostile").reason()).isEqualTo(Reason.CATALOG_UNREACHABLE);
        assertThat(reported("hostile").detail()).contains("and the others need the time to the deadline");
        assertThat(result("slow").reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
        assertThat(result("quick").reason()).isEqualTo(Reason.NOTHING_TO_EXPIRE);
    }

    @Test
    void a_signal_ends_the_wait_for_a_catalog_at_once() throws InterruptedException {
        CatalogOpening hostile = new CatalogOpening("hostile", () -> {
            hang();
            throw new IllegalStateException("released");
        });
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(
                () -> run(
                        List.of(hostile),
                        step(subject -> ActionResult.of(Reason.NOTHING_TO_EXPIRE, "")),
                        new RunRequest.Limits(null, MINUTE, Duration.ofMinutes(15))),
                RunEndingTest::inOwnThread);
        hanging.await();
        stop.request("SIGTERM");

        assertThat(run.join().exitCode()).isEqualTo(143);
        assertThat(reported("hostile").reason()).isEqualTo(Reason.INTERRUPTED);
    }

    @Test
    void a_deadline_gives_up_as_a_signal_does_and_leaves_time_to_come_to_an_end() throws Exception {
        Instant deadline = Instant.parse("2026-11-28T12:00:00Z");
        AtomicLong millis = new AtomicLong(deadline.toEpochMilli() - 1);
        InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
        Ending ending = new Ending(stop, clock, new RunRequest.Limits(deadline, MINUTE, MINUTE));
        assertThat(ending.hasBegun()).isFalse();
        millis.addAndGet(1);
        assertThat(ending.hasBegun()).isTrue();
        assertThat(ending.isOver()).isFalse();
        millis.addAndGet(Ending.GRACE.toMillis());
        Gate gate = new Gate();

        assertThat(ending.isOver()).isTrue();
        assertThat(ending.close(gate)).hasValueSatisfying(result -> {
            assertThat(result.reason()).isEqualTo(Reason.DEADLINE_REACHED);
            assertThat(result.detail()).contains(deadline.toString());
        });
        assertThat(gate.isClosed()).isTrue();
    }

    @Test
    void a_catalog_has_half_of_the_time_to_the_deadline_and_never_more_than_its_own_bound() {
        Instant now = Instant.parse("2026-11-28T12:00:00Z");
        InstantSource clock = InstantSource.fixed(now);

        assertThat(new Ending(stop, clock, new RunRequest.Limits(now.plusSeconds(5), MINUTE, MINUTE)).share(50))
                .isEqualTo(Duration.ofMillis(2_500));
        assertThat(new Ending(stop, clock, new RunRequest.Limits(now.plusSeconds(5_000), MINUTE, MINUTE)).share(50))
                .isEqualTo(MINUTE);
        assertThat(new Ending(stop, clock, new RunRequest.Limits(null, MINUTE, MINUTE)).share(50))
                .isEqualTo(MINUTE);
        assertThat(new Ending(stop, clock, new RunRequest.Limits(now.minusSeconds(5), MINUTE, MINUTE)).share(50))
                .isZero();
    }

    /** Sets a property of the slow table, as one commit. */
    private Step committing() {
        return step(subject -> {
            if (subject.name().endsWith("quick")) {
                return ActionResult.of(Reason.NOTHING_TO_EXPIRE, "");
            }
            TableMetadata base = subject.ops().current();
            CommitResult result = Committer.commit(
                    subject.ops(),
                    base,
                    base.replaceProperties(Map.of("committed", "yes")),
                    now -> now.properties().containsKey("committed"),
                    file -> {});
            return ActionResult.of(
                    result instanceof CommitResult.Committed ? Reason.EXPIRED : Reason.EXPIRE_ERROR, result.toString());
        });
    }

    private RunSummary stoppedWhileItHangs(Step step, Duration commit, UnaryOperator<TableOperations> operations)
            throws Exception {
        CompletableFuture<RunSummary> run =
                CompletableFuture.supplyAsync(() -> run(step, commit, operations), RunEndingTest::inOwnThread);
        hanging.await();
        while (!results.containsKey("lake.quick")) {
            Thread.sleep(10);
        }
        signalLongAgo();
        return run.get();
    }

    private void signalLongAgo() {
        stop.request("SIGTERM");
        nanos.addAndGet(Ending.GRACE.toNanos());
    }

    private static void inOwnThread(Runnable task) {
        Thread thread = new Thread(task, "run");
        thread.setDaemon(true);
        thread.start();
    }

    /** As a read from a socket: no interrupt ends it. */
    private void hang() {
        hanging.countDown();
        while (true) {
            try {
                release.await();
                return;
            } catch (InterruptedException deaf) {
                Thread.onSpinWait();
            }
        }
    }

    private final class SlowCommit extends DelegatingOperations {
        private final TableOperations ops;

        SlowCommit(TableOperations ops) {
            super(ops, ops.io());
            this.ops = ops;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            hang();
            ops.commit(base, metadata);
        }
    }

    private static Throwable thrownBy(Runnable work) {
        try {
            work.run();
            return new AssertionError("it was done");
        } catch (RuntimeException e) {
            return e;
        }
    }

    private Step step(Function<Subject, ActionResult> work) {
        return new Step() {
            @Override
            public ActionName name() {
                return ActionName.EXPIRE;
            }

            @Override
            public Decision plan(Subject subject, TablePolicy policy) {
                atWork.register();
                try {
                    return new Decision.Stay(work.apply(subject));
                } finally {
                    atWork.arriveAndDeregister();
                }
            }
        };
    }

    private ActionResult result(String table) {
        return reported("lake." + table);
    }

    private ActionResult reported(String name) {
        return results.getOrDefault(name, ActionResult.of(Reason.INTERNAL_ERROR, "not reported: " + results));
    }

    private RunSummary run(Step step, Duration commit, UnaryOperator<TableOperations> operations) {
        return run(List.of(opening(operations)), step, new RunRequest.Limits(null, commit, MINUTE));
    }

    private CatalogOpening opening(UnaryOperator<TableOperations> operations) {
        return new CatalogOpening("lake", () -> new TableSource() {
            @Override
            public String name() {
                return "lake";
            }

            @Override
            public Iterator<TableRef> list() {
                return List.of(new TableRef("lake", List.of(), "slow"), new TableRef("lake", List.of(), "quick"))
                        .iterator();
            }

            @Override
            public BaseTable load(TableRef ref) {
                BaseTable loaded = (ref.name().equals("slow") ? slow : quick).load();
                return new BaseTable(operations.apply(loaded.operations()), ref.fullName());
            }

            @Override
            public void close() {}
        });
    }

    private RunSummary run(List<CatalogOpening> openings, Step step, RunRequest.Limits limits) {
        RunRequest request = new RunRequest(
                new RunHeader("01RUN" + System.nanoTime(), "test", "maintain", false, Instant.now(), null, null),
                "host",
                List.of(step),
                List.of(),
                catalog -> true,
                ref -> true,
                ref -> false,
                limits,
                null,
                Set.of(),
                false,
                2,
                RunRequest.Sizes.UNASKED,
                Selectors.none());
        return new Runner(openings, ref -> policy(), InstantSource.system(), stop, null, unfinished)
                .run(request, new RunListener() {
                    private final List<String> told = new ArrayList<>();

                    @Override
                    public void started(RunHeader header) {}

                    @Override
                    public void table(TableReport report) {
                        assertThat(told).doesNotContain(report.table());
                        told.add(report.table());
                        results.put(report.table(), report.actions().get(0).result());
                    }

                    @Override
                    public void ended(RunSummary summary) {}
                });
    }

    private static TablePolicy policy() {
        return new TablePolicy(
                false,
                false,
                "test",
                Map.of(),
                new ExpirePolicy(
                        null, null, null, null, ExpirePolicy.History.UNGUARDED, set(ExpirePolicy.Exclusive.NONE)),
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
    }

    private static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }
}
