package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Expiry;
import io.sink.testing.Faults;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.Trees;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Manifest lists of snapshots that stay cannot be read, four times in a row: the stock cleanup and ours. */
class UnreadableRetainedListsTest {

    @TempDir
    Path warehouse;

    private PathTable table;
    private Set<String> retainedLists;

    @BeforeEach
    void make_a_table_with_a_linear_history() {
        table = PathTable.create(warehouse, "t", 2, Map.of("commit.manifest-merge.enabled", "false"));
        for (int i = 0; i < 6; i++) {
            table.append(i);
        }
        var snapshots = table.load().operations().current().snapshots();
        retainedLists = snapshots.subList(4, 6).stream()
                .map(Snapshot::manifestListLocation)
                .collect(Collectors.toSet());
    }

    @Test
    void stock_cleanup_deletes_live_files_and_returns_normally() {
        new BaseTable(blindToRetainedLists(), "t")
                .expireSnapshots()
                .expireOlderThan(System.currentTimeMillis())
                .retainLast(2)
                .commit();

        TreeSet<Path> lost = new TreeSet<>();
        try {
            lost.addAll(table.reader().reachable());
        } catch (RuntimeException unreadable) {
            lost.add(Path.of("a manifest that cannot even be read"));
        }
        lost.removeAll(SavedTree.files(warehouse));
        assertThat(lost).as("files that the table needs and has no more").isNotEmpty();
    }

    @Test
    void ours_says_expire_error_and_changes_nothing() {
        var before = Trees.contents(warehouse);

        ActionResult result = Expiry.keeping(2).execute(blindToRetainedLists());

        assertThat(result.reason()).isEqualTo(Reason.EXPIRE_ERROR);
        assertThat(result.detail()).contains("nothing was changed");
        assertThat(Trees.contents(warehouse)).isEqualTo(before);
        assertThat(table.reader().rows()).hasSize(6);
    }

    private TableOperations blindToRetainedLists() {
        Faults blind = Faults.none()
                .failing(
                        call -> call.startsWith("open of ")
                                && retainedLists.contains(call.substring("open of ".length())),
                        message -> new RuntimeIOException("%s", message));
        return new FaultyOperations(table.load().operations(), Faults.none(), blind);
    }
}
