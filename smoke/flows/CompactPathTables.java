package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.PathWarehouse;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.LakeTable;
import lib.Place;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables without a catalog are compacted, on local disk and on S3; every row of every snapshot is as it was. */
class CompactPathTables {
    private static final List<String> NAMES = List.of("equality", "hashed", "positions", "vectors");

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Place.class)
    void every_row_stays_and_nothing_lies_about(Place place) throws Exception {
        try (Place.Open open = place.open(directory)) {
            PathWarehouse warehouse = open.warehouse();
            make(warehouse);
            Map<String, Map<Long, List<String>>> rows = new TreeMap<>();
            Map<String, List<String>> current = new TreeMap<>();
            for (String name : NAMES) {
                SecondReader reader = warehouse.reader(name);
                Map<Long, List<String>> bySnapshot = new TreeMap<>();
                reader.snapshots().forEach(snapshot -> bySnapshot.put(snapshot.id(), reader.rows(snapshot.id())));
                rows.put(name, bySnapshot);
                current.put(name, reader.rows());
            }
            Sink sink = Sink.in(directory).configured("""
                    version: 1
                    catalogs:
                    %smaintenance:
                      compact: { min-data-files: 3, min-input-files: 2, verify: full }
                    """.formatted(warehouse.yaml()));
            Path root = warehouse.locate().apply(warehouse.root());
            Map<String, Long> tree = Trees.contents(root);

            Report planned = sink.maintain("--compact", "--dry-run");

            assertThat(Trees.contents(root)).isEqualTo(tree);

            Report done = sink.maintain("--compact");

            assertThat(done.exit()).as("%s", done).isZero();
            for (String name : NAMES) {
                Action plan = planned.action("paths." + name, "compact");
                Action action = done.action("paths." + name, "compact");
                assertThat(plan.reason()).as(name).isEqualTo("would-compact");
                assertThat(action.reason()).as(name).isEqualTo("compacted");
                assertThat(action.effect("data_files_rewritten")).isEqualTo(plan.effect("data_files_rewritten"));
                assertThat(action.effect("data_files_written")).as(name).isEqualTo(1);
                SecondReader reader = warehouse.reader(name);
                assertThat(reader.rows()).as(name).isEqualTo(current.get(name));
                rows.getOrDefault(name, Map.of())
                        .forEach((snapshot, were) ->
                                assertThat(reader.rows(snapshot)).as(name).isEqualTo(were));
                assertThat(reader.snapshots()).allMatch(snapshot -> snapshot.id() < 1L << 53);
                assertNothingSuperfluous(warehouse.directory(name), reader);
            }

            Map<String, Long> maintained = Trees.contents(root);
            Report again = sink.maintain("--compact");
            for (String name : NAMES) {
                assertThat(again.action("paths." + name, "compact").reason())
                        .isIn("below-threshold", "nothing-to-rewrite");
            }
            assertThat(Trees.contents(root)).isEqualTo(maintained);
        }
    }

    private static void assertNothingSuperfluous(Path table, SecondReader reader) {
        TreeSet<Path> files = SavedTree.files(table);
        assertThat(files).containsAll(reader.reachable());
        files.removeAll(reader.reachable());
        assertThat(files).allMatch(file -> file.endsWith("version-hint.text"));
    }

    private static void make(PathWarehouse warehouse) throws IOException {
        for (String name : NAMES) {
            Map<String, String> properties = new HashMap<>();
            if (name.equals("hashed")) {
                properties.put("write.object-storage.enabled", "true");
                properties.put("write.data.path", warehouse.root() + "/hashed/elsewhere");
            }
            warehouse.create(name, name.equals("vectors") ? 3 : 2, properties);
            try (TableSource source = warehouse.open()) {
                LakeTable table = new LakeTable(PathWarehouse.load(source, name))
                        .append(1, 2)
                        .append(3, 3);
                switch (name) {
                    case "equality" -> table.append(2, 4).deleteEqual(2, 3).append(3);
                    case "hashed" -> table.append(4).append(5, 6);
                    default -> table.appendAndDeleteFirst(4, 5, 6).append(7).appendAndDeleteFirst(8);
                }
            }
        }
    }
}
