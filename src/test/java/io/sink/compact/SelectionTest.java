package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Setting;
import io.sink.compact.CompactPolicy.Partitions;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.table.Where;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compactions of some partitions: what they rewrite, what they leave, and what they say of it. */
class SelectionTest {
    private static final Duration RESTED = Duration.ofHours(2);

    @TempDir
    Path directory;

    private SmallTable small;

    /** Three files in each of three partitions. */
    @BeforeEach
    void make_a_table() {
        small = SmallTable.byId(directory);
        for (int round = 0; round < 3; round++) {
            for (int id = 0; id < 3; id++) {
                small.append(id, 2);
            }
        }
    }

    private TableOperations ops() {
        return ((BaseTable) small.table).operations();
    }

    private ActionResult compact(@Nullable String where, @Nullable Duration skipNewest) {
        return compact(where, skipNewest, Instant.now());
    }

    private ActionResult compact(@Nullable String where, @Nullable Duration skipNewest, Instant now) {
        Partitions partitions = new Partitions(
                where == null ? null : new Setting<>(Where.parse(where), "flag --where"),
                skipNewest == null ? null : new Setting<>(skipNewest, "flag --skip-newest"));
        return Compacting.small().in(partitions).at(now).execute(ops());
    }

    /** The live files of each partition, by their paths. */
    private Set<String> files(int id) throws Exception {
        small.table.refresh();
        Set<String> files = new HashSet<>();
        try (CloseableIterable<FileScanTask> tasks = small.table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                if (task.file().partition().size() == 0
                        || task.file().partition().get(0, Integer.class) == id) {
                    files.add(task.file().location());
                }
            }
        }
        return files;
    }

    private static Instant in(Duration time) {
        return Instant.now().plus(time);
    }

    @Test
    void rewrites_the_partitions_that_were_asked_for_and_no_other() throws Exception {
        List<String> rows = LocalTable.rows(small.table);
        Set<String> untouched = files(1);

        ActionResult result = compact("id <> 1", null);
        ActionResult again = compact("id <> 1", null);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMPACTED);
        assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(6);
        assertThat(result.detail()).contains("where id <> 1 (flag --where) leaves 3 other candidates");
        assertThat(files(0)).hasSize(1);
        assertThat(files(1)).isEqualTo(untouched);
        assertThat(files(2)).hasSize(1);
        assertThat(LocalTable.rows(small.table)).containsExactlyInAnyOrderElementsOf(rows);
        assertThat(again.reason()).as("%s", again).isEqualTo(Reason.NOTHING_TO_REWRITE);
    }

    @Test
    void a_predicate_that_no_partition_answers_rewrites_nothing() throws Exception {
        Set<String> before = files(0);

        ActionResult result = compact("text = 'x'", null);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.WHERE_UNANSWERED);
        assertThat(result.detail())
                .isEqualTo("no partition answers text = …: the table is partitioned by identity of id");
        assertThat(files(0)).isEqualTo(before);
    }

    @Test
    void files_of_an_older_spec_that_does_not_answer_stay_and_are_told_of() throws Exception {
        SmallTable evolved =
                new SmallTable(directory.resolve("evolved"), 2, PartitionSpec.unpartitioned(), SortOrder.unsorted());
        evolved.append(0, 2);
        evolved.append(1, 2);
        evolved.table.updateSpec().addField("id").commit();
        small = evolved;
        for (int round = 0; round < 2; round++) {
            evolved.append(0, 2);
        }
        List<String> rows = LocalTable.rows(evolved.table);

        ActionResult result = compact("id = 0", null);

        assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN))
                .as("%s", result)
                .isEqualTo(2);
        assertThat(result.detail()).contains("2 candidates in partitions whose spec does not answer it");
        assertThat(LocalTable.rows(evolved.table)).containsExactlyInAnyOrderElementsOf(rows);
    }

    @Test
    void where_no_candidate_is_of_a_spec_that_answers_the_reason_says_so() {
        SmallTable other = SmallTable.byId(directory.resolve("other"));
        other.table.updateSpec().removeField("id").commit();
        small = other;
        for (int round = 0; round < 3; round++) {
            small.append(0, 2);
        }

        ActionResult result = compact("id = 0", null);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.WHERE_UNANSWERED);
        assertThat(result.detail()).contains("3 candidates in partitions whose spec does not answer it");
    }

    /** A list that ends early would make a partition rest that does not. */
    @Test
    void a_manifest_of_the_time_asked_for_that_is_not_whole_ends_the_plan() throws Exception {
        small.append(1, 2);
        small.table.refresh();
        String list = small.table
                .snapshot(Objects.requireNonNull(small.table.currentSnapshot().parentId()))
                .manifestListLocation();
        Path file = Path.of(list.replaceFirst("^file:", ""));
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 20));

        ActionResult result = compact(null, RESTED);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.METADATA_UNREADABLE);
        assertThat(result.detail()).contains(list);
    }

    @Test
    void a_partition_in_which_something_was_committed_lately_waits_until_it_rests() throws Exception {
        Instant later = in(Duration.ofHours(3));
        ActionResult busy = compact(null, RESTED);
        ActionResult rested = compact(null, RESTED, later);

        assertThat(busy.reason()).as("%s", busy).isEqualTo(Reason.PARTITION_BUSY);
        assertThat(busy.detail())
                .containsPattern("9 files, .*, waiting for partitions in which something was committed within 2h"
                        + " \\(skip-newest, flag --skip-newest\\)");
        assertThat(rested.reason()).as("%s", rested).isEqualTo(Reason.COMPACTED);
        assertThat(files(0)).hasSize(1);
    }

    @Test
    void only_the_partition_of_the_commit_waits_whether_it_added_or_deleted() throws Exception {
        Instant then = later(small.table);
        List<String> rows = new ArrayList<>(LocalTable.rows(small.table));
        small.append(1, 2);
        small.table.newDelete().deleteFile(files(2).iterator().next()).commit();
        // Snapshots before this one are older than the time asked for.
        Duration asked = Duration.between(then, Instant.now().plusSeconds(1));

        ActionResult result = compact(null, asked, Instant.now().plusSeconds(1));

        assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN))
                .as("%s", result)
                .isEqualTo(3);
        assertThat(result.detail()).contains("6 files, ");
        assertThat(files(0)).hasSize(1);
        assertThat(files(1)).hasSize(4);
        assertThat(files(2)).hasSize(2);
        assertThat(LocalTable.rows(small.table)).hasSameSizeAs(rows);
    }

    /** A moment after the last commit and before the next. */
    private static Instant later(Table table) throws InterruptedException {
        Thread.sleep(20);
        Instant moment = Instant.ofEpochMilli(table.currentSnapshot().timestampMillis() + 5);
        Thread.sleep(20);
        return moment;
    }

    @Test
    void a_rewrite_makes_no_partition_busy() throws Exception {
        Instant then = later(small.table);
        compact("id = 0", null);
        Duration asked = Duration.between(then, Instant.now().plusSeconds(1));

        ActionResult result = compact(null, asked, Instant.now().plusSeconds(1));

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMPACTED);
        assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(6);
    }

    @Test
    void where_the_history_has_expired_nobody_knows_what_rests() throws Exception {
        Expiry.keeping(1).execute(ops());

        ActionResult result = compact(null, RESTED);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.PARTITION_BUSY);
        assertThat(result.detail())
                .contains("what was committed before that within 2h (skip-newest, flag --skip-newest) cannot be told")
                .endsWith("keep snapshots for longer");
        assertThat(files(0)).hasSize(3);
    }

    /** A file under two entries is rewritten in all of them or in none. */
    @Test
    void a_file_that_is_also_in_a_partition_that_was_not_asked_for_stays() throws Exception {
        DataFile twice = small.append(0, 2);
        DataFile copy = DataFiles.builder(small.table.spec())
                .copy(twice)
                .withPartition(SmallTable.partition(1))
                .build();
        small.table.newFastAppend().appendFile(copy).commit();
        List<String> rows = LocalTable.rows(small.table);

        ActionResult result = compact("id = 0", null);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMPACTED);
        assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(3);
        assertThat(files(0)).hasSize(2).contains(twice.location());
        assertThat(files(1)).hasSize(4).contains(twice.location());
        assertThat(result.detail()).contains("1 data file has several live entries", twice.location());
        assertThat(LocalTable.rows(small.table)).containsExactlyInAnyOrderElementsOf(rows);
    }
}
