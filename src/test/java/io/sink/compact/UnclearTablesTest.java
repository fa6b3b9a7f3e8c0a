package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.AvroBlocks;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables that Iceberg refuses to read, or of which it passes something over: what they mean is not guessed.
 */
class UnclearTablesTest {
    @TempDir
    Path warehouse;

    private PathTable table;
    private DataFile file;

    @BeforeEach
    void make_a_table_with_a_vector() {
        table = PathTable.create(warehouse, "t", 3, Map.of());
        file = table.append(1, 2, 3);
        table.append(4);
        table.delete(file, 1);
    }

    private void isNotRewritten(String word) {
        long before = table.currentSnapshot();

        ActionResult result = Compacting.small().execute(table.load().operations());

        assertThat(result.reason()).as("%s", result).isIn(Reason.REWRITE_ERROR, Reason.METADATA_UNREADABLE);
        assertThat(result.detail()).contains(word);
        ActionResult dangling =
                Acting.removingDanglingDeletes().execute(table.load().operations());
        assertThat(dangling.committedSnapshotId()).as("%s", dangling).isNull();
        assertThat(table.currentSnapshot()).isEqualTo(before);
    }

    @Test
    void a_file_that_was_added_again_after_its_vector() {
        table.load().newAppend().appendFile(file).commit();

        isNotRewritten("sequence number");
    }

    @Test
    void a_file_with_two_vectors() throws IOException {
        BaseTable loaded = table.load();
        List<DeleteFile> second = new TableChanges(loaded).writePositionDeletes(List.of(file), 2);
        loaded.newRowDelta()
                .validateFromSnapshot(loaded.currentSnapshot().snapshotId())
                .addDeletes(second.get(0))
                .commit();

        isNotRewritten("two deletion vectors");
    }

    /** Iceberg's scan passes over a manifest that by its list has no live file. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void a_manifest_that_its_list_says_has_no_live_files(int content) throws IOException {
        Path list = SecondReader.local(table.load().currentSnapshot().manifestListLocation());
        AvroBlocks.change(list, manifest -> {
            if (manifest.get("content").equals(content)) {
                manifest.put("added_files_count", 0);
                manifest.put("existing_files_count", 0);
            }
        });

        isNotRewritten("passes over it");
    }
}
