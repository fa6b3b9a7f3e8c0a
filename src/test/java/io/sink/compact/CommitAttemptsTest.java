package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.StopSignal;
import io.sink.outcome.ActionResult;
import io.sink.outcome.ActionResult.CommitRequests;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.table.DelegatingOperations;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.stream.LongStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More than one attempt at a commit: only after a race that was lost for certain, and with every look taken anew. */
class CommitAttemptsTest {
    @TempDir
    Path warehouse;

    private PathTable table;
    private DataFile first;

    @BeforeEach
    void make_a_table() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        first = table.append(1, 2, 3);
        table.append(4);
    }

    /** A table that others change right before each request, which is numbered from 1 on. */
    private static final class Raced extends DelegatingOperations {
        private final TableOperations ops;
        private final IntConsumer other;
        private int requests;

        Raced(TableOperations ops, IntConsumer other) {
            super(ops, ops.io());
            this.ops = ops;
            this.other = other;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            requests++;
            other.accept(requests);
            ops.commit(base, metadata);
        }
    }

    private Raced raced(IntConsumer other) {
        return new Raced(table.load().operations(), other);
    }

    private void assertNothingIsLeft() {
        TreeSet<Path> files = SavedTree.files(table.location());
        files.removeAll(table.reader().reachable());
        files.remove(table.location().resolve("metadata/version-hint.text"));
        assertThat(files).isEmpty();
    }

    private static int attempts(ActionResult result) {
        CommitRequests commit = result.commit();
        return commit == null ? 0 : commit.attempts();
    }

    @Test
    void lands_the_same_files_after_races_that_others_won() {
        Raced raced = raced(request -> {
            if (request < 3) {
                table.append(10L * request);
            }
        });

        ActionResult result = Compacting.small().attempting(5).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMPACTED);
        assertThat(attempts(result)).isEqualTo(3);
        assertThat(result.effect().get(Counter.DATA_FILES_WRITTEN)).isEqualTo(1);
        assertThat(table.reader().rows()).hasSize(6);
        assertThat(table.reader().entries(table.currentSnapshot())).hasSize(3);
        assertNothingIsLeft();
    }

    @Test
    void gives_up_after_as_many_as_were_asked_for() {
        Raced raced = raced(request -> table.append(10L * request));

        ActionResult result = Compacting.small().attempting(3).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(result.detail()).startsWith("another writer won each of 3 attempts: ");
        assertThat(attempts(result)).isEqualTo(3);
        assertThat(raced.requests).isEqualTo(3);
        assertThat(table.reader().rows()).hasSize(7);
        assertNothingIsLeft();
    }

    @Test
    void is_made_once_where_nobody_asks_for_more() {
        Raced raced = raced(request -> table.append(10L * request));

        ActionResult result = Compacting.small().execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(attempts(result)).isEqualTo(1);
        assertThat(raced.requests).isEqualTo(1);
        assertNothingIsLeft();
    }

    @Test
    void is_not_made_again_once_a_row_of_its_files_is_deleted() {
        Raced raced = raced(request -> table.delete(first, 1));

        ActionResult result = Compacting.small().attempting(5).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(result.detail()).contains("another writer changed these files");
        assertThat(raced.requests).isEqualTo(1);
        assertThat(attempts(result)).isEqualTo(1);
        assertThat(table.reader().rows()).hasSize(3);
        assertNothingIsLeft();
    }

    @Test
    void is_not_made_again_once_its_files_are_gone() {
        Raced raced = raced(request -> table.replace(7));

        ActionResult result = Compacting.small().attempting(5).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(raced.requests).isEqualTo(1);
        assertThat(table.reader().rows()).hasSize(1);
        assertNothingIsLeft();
    }

    @Test
    void is_not_made_again_where_nobody_knows_what_became_of_it() {
        Raced raced = raced(request -> {
            throw new CommitStateUnknownException(new IllegalStateException("no answer"));
        });

        ActionResult result = Compacting.small().attempting(5).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
        assertThat(raced.requests).isEqualTo(1);
        assertThat(attempts(result)).isEqualTo(1);
        assertThat(result.files().left()).isNotEmpty();
    }

    @Test
    void is_not_made_again_where_it_landed_and_is_called_lost() {
        TableOperations ops = table.load().operations();
        Raced raced = new Raced(
                new DelegatingOperations(ops, ops.io()) {
                    @Override
                    public void commit(TableMetadata base, TableMetadata metadata) {
                        ops.commit(base, metadata);
                        throw new CommitFailedException("409");
                    }
                },
                request -> {});

        ActionResult result = Compacting.small().attempting(5).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMPACTED);
        assertThat(raced.requests).isEqualTo(1);
        assertThat(table.reader().rows()).hasSize(4);
        assertNothingIsLeft();
    }

    @Test
    void is_not_made_again_after_a_signal() {
        AtomicBoolean stopped = new AtomicBoolean();
        Raced raced = raced(request -> {
            table.append(10L * request);
            stopped.set(true);
        });
        StopSignal signal = new StopSignal() {
            @Override
            public boolean stopped() {
                return stopped.get();
            }

            @Override
            public boolean pastDeadline() {
                return false;
            }
        };

        ActionResult result = Compacting.small().attempting(5).withStop(signal).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.INTERRUPTED);
        assertThat(raced.requests).isEqualTo(1);
        assertNothingIsLeft();
    }

    @Test
    void takes_the_delete_files_along_each_time() {
        PathTable mixed = PathTable.create(warehouse, "mixed", 2, Map.of());
        long[] many = LongStream.range(1000, 2000).toArray();
        long size = mixed.append(many).fileSizeInBytes();
        mixed.load()
                .updateProperties()
                .set("write.target-file-size-bytes", Long.toString(size))
                .commit();
        DataFile one = mixed.append(1, 2, 3);
        DataFile other = mixed.append(4, 5);
        // Of two files, and younger than one that stays, so that Iceberg drops it in neither way by itself.
        BaseTable loaded = mixed.load();
        loaded.newRowDelta()
                .addDeletes(new TestFiles(loaded)
                        .positionDeletes(
                                Map.of(one.location(), Set.of(1L), other.location(), Set.of(0L)),
                                loaded.spec(),
                                one.partition()))
                .commit();
        Raced raced = new Raced(mixed.load().operations(), request -> {
            if (request == 1) {
                mixed.append(10);
            }
        });

        ActionResult result = Compacting.small().attempting(2).execute(raced);

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMPACTED);
        assertThat(result.effect().get(Counter.DELETE_FILES_REMOVED)).isEqualTo(1);
        assertThat(mixed.reader().rows()).hasSize(many.length + 4);
        assertThat(mixed.reader().entries(mixed.currentSnapshot())).hasSize(3);
    }
}
