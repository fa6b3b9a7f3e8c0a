package io.sink.table;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.PathTable;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoundMetadataTest {
    @TempDir
    Path warehouse;

    private TableMetadata metadata;
    private Long first;
    private Long third;

    @BeforeEach
    void three_snapshots() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        table.append(3);
        metadata = table.load().operations().current();
        Snapshot newest = metadata.currentSnapshot();
        third = newest.snapshotId();
        first = metadata.snapshot(newest.parentId()).parentId();
    }

    @Test
    void a_history_that_begins_somewhere_is_sound_also_where_it_was_cut() {
        assertThatCode(() -> SoundMetadata.require(metadata)).doesNotThrowAnyException();
        assertThatCode(() -> SoundMetadata.require(withParent(third, 4711L))).doesNotThrowAnyException();
    }

    @Test
    void a_snapshot_that_is_its_own_ancestor_is_refused_and_named() {
        for (Long ancestor : new Long[] {first, third}) {
            TableMetadata cyclic = withParent(ancestor, third);

            assertThatThrownBy(() -> SoundMetadata.require(cyclic))
                    .isInstanceOf(UnreadableMetadataException.class)
                    .hasMessageContaining("is its own ancestor");
        }
    }

    /** The metadata with another parent for one of its snapshots. */
    private TableMetadata withParent(Long snapshot, Long parent) {
        String json = TableMetadataParser.toJson(metadata);
        String id = "\"snapshot-id\":" + snapshot + ",";
        int at = json.indexOf(id, json.indexOf("\"snapshots\"")) + id.length();
        String rest = json.substring(at).replaceFirst("^\"parent-snapshot-id\":\\d+,", "");
        return TableMetadataParser.fromJson(json.substring(0, at) + "\"parent-snapshot-id\":" + parent + "," + rest);
    }
}
