package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.Subject;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.TablePattern;
import io.sink.config.TablePolicy;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.Shard;
import io.sink.outcome.TableReport;
import io.sink.testing.PathTable;
import io.sink.testing.Policies;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What selects no table is told, with the nearest name, and only where every name was seen. */
@Timeout(120)
class SelectorsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final Stop stop = new Stop();
    private final List<String> warned = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private PathTable table;

    @BeforeEach
    void make_table() {
        table = PathTable.create(directory, "t", 2, Map.of());
    }

    @Test
    void a_rule_that_matches_nothing_is_told_with_the_nearest_name() {
        RunSummary summary = run(new Catalog("lake"), false, rule("lake.tmp.scratc"), rule("lake.web.*"));

        assertThat(warned)
                .containsExactly(
                        "rule \"lake.tmp.scratc\" matches no table (the nearest is lake.tmp.scratch): mend it");
        assertThat(summary.warnings()).isEqualTo(warned);
        assertThat(summary.exitCode()).isZero();
        assertThat(done).containsExactlyInAnyOrder("lake.web.events", "lake.tmp.scratch");
    }

    @Test
    void a_rule_that_matches_a_table_of_another_shard_is_fine_and_so_is_a_shard_without_tables() {
        int empty = 0;
        for (int number = 1; number <= 3; number++) {
            int before = done.size();

            RunSummary summary = run(new Catalog("lake"), false, List.of(), new Shard(number, 3), rule("lake.web.*"));

            empty += done.size() == before ? 1 : 0;
            assertThat(summary.exitCode()).isZero();
        }
        assertThat(empty).isPositive();
        assertThat(warned).isEmpty();
        assertThat(done).containsExactlyInAnyOrder("lake.web.events", "lake.tmp.scratch");
    }

    @Test
    void an_exclude_and_a_glob_that_match_nothing_are_told() {
        run(
                new Catalog("lake"),
                false,
                line("--exclude \"lake.wbe.*\"", "lake.wbe.*"),
                line("TABLE \"lake.x*.*\"", "lake.x*.*"));

        assertThat(warned)
                .containsExactly(
                        "--exclude \"lake.wbe.*\" matches no table (the nearest is lake.web.events): mend it",
                        "TABLE \"lake.x*.*\" matches no table (the nearest is lake.tmp.scratch): mend it");
    }

    @Test
    void a_namespace_that_is_there_and_empty_is_fine() {
        run(new Catalog("lake"), false, rule("lake.empty.*"), rule("lake.empty.**"), rule("lake"), rule("lake.emty.*"));

        assertThat(warned).singleElement().asString().contains("lake.emty.*");
    }

    @Test
    void of_a_catalog_that_could_not_be_listed_nothing_is_claimed() {
        Catalog broken = new Catalog("lake");
        broken.broken = true;

        RunSummary summary = run(broken, true, rule("lake.tmp.scratc"), rule("*.tmp.scratc"));

        assertThat(warned).isEmpty();
        assertThat(summary.exitCode()).isEqualTo(20);
    }

    @Test
    void of_a_catalog_of_which_links_were_passed_over_nothing_is_claimed() {
        Catalog linked = new Catalog("lake");
        linked.passedOver = List.of("a link");

        run(linked, true, rule("lake.tmp.scratc"));

        assertThat(warned).isEmpty();
    }

    @Test
    void of_a_pattern_that_could_match_in_a_catalog_that_was_not_asked_nothing_is_claimed() {
        Selectors selectors = new Selectors(true, List.of("lake", "pond"), List.of(rule("*.tmp.scratc")));
        selectors.listed(new TableRef("lake", List.of("web"), "events"));
        selectors.ended("lake");

        assertThat(selectors.unmatched(true)).isEmpty();
        selectors.ended("pond");
        assertThat(selectors.unmatched(true)).hasSize(1);
    }

    @Test
    void of_a_catalog_that_a_signal_came_before_nothing_is_claimed() {
        Catalog hanging = new Catalog("lake");
        hanging.ends = new CountDownLatch(1);
        stop.request("SIGTERM");

        RunSummary summary = run(hanging, true, rule("lake.tmp.scratc"));
        hanging.ends.countDown();

        assertThat(warned).isEmpty();
        assertThat(summary.exitCode()).isEqualTo(143);
    }

    @Test
    void an_exclude_in_a_catalog_that_is_not_configured_is_told() {
        run(new Catalog("lake"), false, line("--exclude \"lak.web.*\"", "lak.web.*"));

        assertThat(warned)
                .containsExactly(
                        "--exclude \"lak.web.*\" selects in no configured catalog (there are: lake, pond): mend it");
    }

    @Test
    void strict_begins_nothing_and_ends_as_a_wrong_configuration_or_a_wrong_command_line_do() {
        assertThat(run(new Catalog("lake"), true, rule("lake.tmp.scratc")).exitCode())
                .isEqualTo(10);
        assertThat(run(new Catalog("lake"), true, line("--exclude", "lake.wbe.*"))
                        .exitCode())
                .isEqualTo(2);
        assertThat(run(new Catalog("lake"), true, rule("lake.tmp.scratc"), line("--exclude", "lake.wbe.*"))
                        .exitCode())
                .isEqualTo(2);
        assertThat(done).isEmpty();
        assertThat(run(new Catalog("lake"), true, rule("lake.tmp.scratch")).exitCode())
                .isZero();
        assertThat(done).hasSize(2);
    }

    @Test
    void a_name_that_is_not_there_is_told_with_the_nearest_though_the_run_lists_nothing() {
        TableRef absent = new TableRef("lake", List.of("web"), "evnts");
        Catalog catalog = new Catalog("lake");

        RunSummary summary = run(catalog, false, List.of(absent), name(absent), rule("lake.tmp.scratc"));

        assertThat(warned)
                .containsExactly("TABLE \"lake.web.evnts\" matches no table (the nearest is lake.web.events): mend it");
        assertThat(summary.exitCode()).isEqualTo(12);
        assertThat(catalog.listings).isEqualTo(1);
    }

    @Test
    void a_name_that_is_there_costs_no_listing() {
        TableRef there = new TableRef("lake", List.of("web"), "events");
        Catalog catalog = new Catalog("lake");

        run(catalog, false, List.of(there), name(there));

        assertThat(warned).isEmpty();
        assertThat(catalog.listings).isZero();
    }

    private static Selectors.Selector rule(String pattern) {
        return new Selectors.Selector(
                "rule \"" + pattern + "\"", "mend it", Selectors.Origin.CONFIGURATION, TablePattern.of(pattern), null);
    }

    private static Selectors.Selector line(String what, String pattern) {
        return new Selectors.Selector(what, "mend it", Selectors.Origin.COMMAND_LINE, TablePattern.of(pattern), null);
    }

    private static Selectors.Selector name(TableRef ref) {
        return new Selectors.Selector(
                "TABLE \"" + ref + "\"",
                "mend it",
                Selectors.Origin.COMMAND_LINE,
                TablePattern.of(ref.fullName()),
                ref);
    }

    private RunSummary run(Catalog catalog, boolean strict, Selectors.Selector... selectors) {
        return run(catalog, strict, List.of(), selectors);
    }

    private RunSummary run(Catalog lake, boolean strict, List<TableRef> named, Selectors.Selector... selectors) {
        return run(lake, strict, named, null, selectors);
    }

    private RunSummary run(
            Catalog lake,
            boolean strict,
            List<TableRef> named,
            @Nullable Shard shard,
            Selectors.Selector... selectors) {
        Catalog pond = new Catalog("pond");
        pond.tables = List.of();
        boolean all = named.isEmpty();
        RunRequest request = new RunRequest(
                new RunHeader("01RUN" + System.nanoTime(), "test", "maintain", false, Instant.now(), shard, null),
                "host",
                List.of(new Done()),
                named,
                catalog -> all || strict,
                ref -> all,
                ref -> false,
                new RunRequest.Limits(null, MINUTE, MINUTE),
                null,
                Set.of(),
                false,
                1,
                RunRequest.Sizes.UNASKED,
                new Selectors(strict, List.of("lake", "pond"), List.of(selectors)));
        List<CatalogOpening> openings =
                List.of(new CatalogOpening("lake", () -> lake), new CatalogOpening("pond", () -> pond));
        return new Runner(
                        all ? openings : openings.subList(0, 1),
                        ref -> Policies.any(),
                        InstantSource.system(),
                        stop,
                        null,
                        UnfinishedTables.NONE)
                .run(request, new RunListener() {
                    @Override
                    public void started(RunHeader header) {}

                    @Override
                    public void table(TableReport report) {}

                    @Override
                    public void warned(String sentence) {
                        warned.add(sentence);
                    }

                    @Override
                    public void ended(RunSummary summary) {}
                });
    }

    /** Tables web.events and tmp.scratch, and a namespace that is empty. */
    private final class Catalog implements TableSource {
        private final String name;
        private List<TableRef> tables;
        private List<String> passedOver = List.of();
        private boolean broken;
        private CountDownLatch ends = new CountDownLatch(0);
        private int listings;

        Catalog(String name) {
            this.name = name;
            this.tables = List.of(
                    new TableRef(name, List.of("web"), "events"), new TableRef(name, List.of("tmp"), "scratch"));
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Iterator<TableRef> list() {
            return list(namespace -> {});
        }

        @Override
        public Iterator<TableRef> list(Consumer<List<String>> namespace) {
            listings++;
            List.of("web", "tmp", "empty").forEach(level -> namespace.accept(List.of(level)));
            namespace.accept(List.of());
            Iterator<TableRef> listed = tables.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    if (!listed.hasNext()) {
                        awaitEnd();
                    }
                    if (!listed.hasNext() && broken) {
                        throw new ServiceFailureException("503");
                    }
                    return listed.hasNext();
                }

                @Override
                public TableRef next() {
                    return listed.next();
                }
            };
        }

        private void awaitEnd() {
            try {
                ends.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public List<String> passedOver() {
            return passedOver;
        }

        @Override
        public BaseTable load(TableRef ref) {
            if (!tables.contains(ref)) {
                throw new NoSuchTableException("No such table: %s", ref);
            }
            return table.load();
        }

        @Override
        public void close() {}
    }

    private final class Done implements Step {
        @Override
        public ActionName name() {
            return ActionName.EXPIRE;
        }

        @Override
        public Decision plan(Subject subject, TablePolicy policy) {
            done.add(subject.name());
            return new Decision.Stay(ActionResult.of(Reason.NOTHING_TO_EXPIRE, ""));
        }
    }
}
