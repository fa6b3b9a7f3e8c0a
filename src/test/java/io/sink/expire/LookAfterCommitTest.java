package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.table.DelegatingOperations;
import io.sink.testing.CachedTable;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.StruckOperations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Between the commit of an expiry and its first deletion the table is read once more, since others may need by then
 * what was to go, or the catalog may have done something else than it was asked.
 */
class LookAfterCommitTest {
    /** The first refresh is right before the commit, the second the look after it. */
    private static final int LOOK = 2;

    @TempDir
    Path warehouse;

    private PathTable table;
    private DataFile first;

    @BeforeEach
    void make_a_table_with_something_to_expire() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        first = table.append(1);
        table.replace(2);
        table.replace(3);
    }

    @Test
    void a_file_that_somebody_commits_again_after_the_expiry_stays() {
        TableOperations raced = new StruckOperations(
                ops(),
                LOOK,
                () -> table.load().newFastAppend().appendFile(first).commit());

        ActionResult result = Expiry.keeping(1).execute(raced);

        assertThat(Path.of(first.location())).exists();
        assertThat(table.reader().rows()).hasSize(2);
        assertThat(table.reader().reachable()).allMatch(Files::exists);
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.EXPIRED);
        assertThat(result.effect().get(Counter.DATA_FILES_DELETED)).isEqualTo(1);
    }

    @Test
    void a_main_that_is_gone_after_the_expiry_ends_it_with_every_file_in_place() {
        TreeSet<Path> before = files();
        TableOperations raced = new StruckOperations(ops(), LOOK, () -> {
            TableOperations theirs = ops();
            theirs.commit(
                    theirs.current(),
                    TableMetadata.buildFrom(theirs.current()).removeRef("main").build());
        });

        ActionResult result = Expiry.keeping(1).execute(raced);

        assertThat(files()).as(result.toString()).isEqualTo(before);
        assertThat(result.reason()).isEqualTo(Reason.EXPIRE_ERROR);
        assertThat(result.detail()).contains("main was at snapshot", "no file was deleted");
    }

    @Test
    void a_catalog_that_says_yes_and_does_nothing_leaves_it_unknown_with_every_file_in_place() {
        TreeSet<Path> before = files();
        TableOperations ops = ops();

        ActionResult result = Expiry.keeping(1).execute(new DelegatingOperations(ops, ops.io()) {
            @Override
            public void commit(TableMetadata base, TableMetadata metadata) {
                // nothing
            }
        });

        assertThat(files()).as(result.toString()).contains(before.toArray(Path[]::new));
        assertThat(result.reason()).isEqualTo(Reason.COMMIT_STATE_UNKNOWN);
        assertThat(result.detail()).contains("the table does not show it", "nothing was deleted");
    }

    @Test
    void a_catalog_that_shows_the_snapshots_still_ends_it_with_every_file_in_place() {
        TreeSet<Path> before = files();

        ActionResult result = Expiry.keeping(1).execute(new CachedTable(ops(), 1));

        assertThat(files()).as(result.toString()).contains(before.toArray(Path[]::new));
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.EXPIRE_ERROR);
        assertThat(result.detail()).contains("still shows the snapshots");
    }

    private TableOperations ops() {
        return table.load().operations();
    }

    /** Every file but metadata, which a commit adds to. */
    private TreeSet<Path> files() {
        TreeSet<Path> files = SavedTree.files(warehouse);
        files.removeIf(file -> file.toString().endsWith(".metadata.json") || file.endsWith("version-hint.text"));
        return files;
    }
}
