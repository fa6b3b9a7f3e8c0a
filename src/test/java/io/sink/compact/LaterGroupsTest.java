package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.StopSignal;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.rewrite.RewriterSource;
import io.sink.testing.Compacting;
import io.sink.testing.SavedTree;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The same where the footers of only the first group are read before it is rewritten. */
class LaterGroupsTest extends UnreadableGroupTest {

    @Override
    Compacting compacting() {
        return with(1, MemoryBudget.work(), RewriterSource.STANDARD);
    }

    private static Compacting with(int threads, MemoryBudget memory, RewriterSource rewriters) {
        return Compacting.with(
                new CompactAction(new LocalEngine(threads, memory), InstantSource.system(), "test", rewriters, 1));
    }

    @AfterEach
    void nobody_reads_on() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("sink-footers");
    }

    @Test
    void every_group_is_rewritten_as_its_own_footers_say_and_as_the_dry_run_told() {
        List<String> choices = new CopyOnWriteArrayList<>();
        RewriterSource source = (choice, attempt) -> {
            choices.add(choice.rewriter());
            return RewriterSource.STANDARD.rewriter(choice, attempt);
        };
        List<String> rows = LocalTable.rows(small.table);

        ActionResult planned = with(2, MemoryBudget.work(), source).preview(ops());
        ActionResult done = with(2, MemoryBudget.work(), source).execute(ops());

        assertThat(done.reason()).as(done.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(done.detail()).startsWith(planned.detail());
        assertThat(choices).containsExactly("page-merge", "page-merge", "page-merge");
        small.table.refresh();
        assertThat(LocalTable.rows(small.table)).isEqualTo(rows);
    }

    @Test
    void what_is_refused_in_a_later_group_is_refused_with_the_same_words_and_leaves_nothing() {
        small.append(4, 60);
        small.table.newAppend().appendFile(withoutIds(4)).commit();
        SavedTree before = SavedTree.of(folder);

        ActionResult planned = compacting().preview(ops());
        ActionResult done = compacting().execute(ops());
        ActionResult early = Compacting.small().execute(ops());

        assertThat(planned.reason()).as(planned.toString()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(planned.detail()).isEqualTo(early.detail());
        assertThat(done.reason()).as(done.toString()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(done.detail()).startsWith(planned.detail());
        assertThat(SavedTree.files(folder)).isEqualTo(before.files());
    }

    /** The looks at later groups are safe points too. */
    @Test
    void a_signal_while_later_footers_are_read_ends_it() {
        SavedTree before = SavedTree.of(folder);
        StopSignal late = () -> Thread.currentThread().getName().equals("sink-footers");

        ActionResult done = compacting().withStop(late).execute(ops());

        assertThat(done.reason().outcome()).as(done.toString()).isNotEqualTo(Outcome.DONE);
        assertThat(done.committedSnapshotId()).isNull();
        assertThat(SavedTree.files(folder)).isEqualTo(before.files());
    }

    @Test
    void what_a_manifest_tells_of_a_later_group_is_refused_before_anything_is_written() {
        DataFile plain = small.append(4, 60);
        small.append(4, 70);
        small.table
                .newOverwrite()
                .deleteFile(plain)
                .addFile(DataFiles.builder(small.table.spec())
                        .copy(plain)
                        .withEncryptionKeyMetadata(ByteBuffer.wrap(new byte[] {1}))
                        .build())
                .commit();

        ActionResult done = compacting().execute(ops());

        assertThat(done.reason()).as(done.toString()).isEqualTo(Reason.ENCRYPTED);
        assertThat(done.detail()).isEqualTo(compacting().preview(ops()).detail());
    }

    /** Nobody waits for footers of groups that will not be rewritten any more. */
    @Test
    void a_group_that_fails_ends_the_looks_at_the_others() {
        AtomicBoolean footersRead = new AtomicBoolean();
        RewriterSource failing = (choice, attempt) -> (group, staging, stop) -> {
            throw new IllegalStateException("the disk of the test is full");
        };
        StopSignal slow = () -> {
            if (Thread.currentThread().getName().equals("sink-footers")) {
                LockSupport.parkNanos(200_000_000L);
                footersRead.set(true);
            }
            return false;
        };

        ActionResult done = with(1, MemoryBudget.work(), failing).withStop(slow).execute(ops());

        assertThat(done.reason()).as(done.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(done.detail()).contains("the disk of the test is full");
        assertThat(footersRead).isTrue();
    }

    private DataFile withoutIds(int id) {
        SmallTable other = SmallTable.plain(folder.resolve("other" + UUID.randomUUID()), 2);
        DataFile file = other.files.withoutIds(List.of(SmallTable.row(id, "of no id")));
        return DataFiles.builder(small.table.spec())
                .withPath(file.location())
                .withFileSizeInBytes(file.fileSizeInBytes())
                .withRecordCount(file.recordCount())
                .withPartitionPath("id=" + id)
                .build();
    }

    private TableOperations ops() {
        return ((BaseTable) small.table).operations();
    }
}
