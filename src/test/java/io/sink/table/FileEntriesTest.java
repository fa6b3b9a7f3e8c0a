package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.table.FileEntries.Difference;
import io.sink.table.FileEntries.Sum;
import io.sink.testing.PathTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileEntriesTest {
    @TempDir
    Path warehouse;

    @Test
    void what_was_appended_came_and_nothing_went() {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        table.append(1, 2);
        table.append(3);

        Difference difference = difference(table);

        assertThat(difference.gone()).isEqualTo(Sum.NONE);
        assertThat(difference.come().dataFiles()).isEqualTo(1);
        assertThat(difference.come().records()).isEqualTo(1);
    }

    @Test
    void entries_that_only_moved_to_another_manifest_are_the_same() {
        PathTable table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile first = table.append(1, 2);
        table.append(3);
        table.delete(first, 0);
        table.load().rewriteManifests().clusterBy(file -> "").commit();

        Difference difference = difference(table);

        assertThat(difference.gone()).isEqualTo(difference.come());
        assertThat(difference.come().dataFiles()).isEqualTo(2);
    }

    @Test
    void a_file_that_was_added_again_is_another_entry() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1, 2);
        table.load().newOverwrite().deleteFile(file).addFile(file).commit();

        Difference difference = difference(table);

        assertThat(difference.come().dataFiles()).isEqualTo(difference.gone().dataFiles());
        assertThat(difference.come().records()).isEqualTo(difference.gone().records());
        assertThat(difference.come()).isNotEqualTo(difference.gone());
    }

    @Test
    void an_entry_counts_as_often_as_it_is_there() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1);

        Sum once = Sum.of(List.of(file));
        Sum twice = Sum.of(List.of(file, file));

        assertThat(twice).isEqualTo(once.plus(once)).isNotEqualTo(once);
    }

    /** Between the newest snapshot and the one before. */
    private static Difference difference(PathTable table) {
        BaseTable loaded = table.load();
        Snapshot now = loaded.currentSnapshot();
        return new FileEntries(loaded.io()).between(loaded.specs(), loaded.snapshot(now.parentId()), now);
    }
}
