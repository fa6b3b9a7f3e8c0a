package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.PathWarehouse;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import lib.Before;
import lib.LakeTable;
import lib.Place;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tables without a catalog expire as the dry run said, on local disk and on S3, and every row that stays is as it was.
 */
class ExpirePathTables {
    private static final List<String> NAMES = List.of("hashed", "t1", "t10", "vectors");

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Place.class)
    void what_only_expired_snapshots_needed_goes_and_nothing_of_a_neighbour(Place place) throws Exception {
        try (Place.Open open = place.open(directory)) {
            PathWarehouse warehouse = open.warehouse();
            make(warehouse);
            Sink sink = Sink.in(directory).configured("""
                    version: 1
                    catalogs:
                    %smaintenance:
                      expire: { older-than: 0s, retain-last: 2 }
                    """.formatted(warehouse.yaml()));
            Map<String, Before> before = new TreeMap<>();
            NAMES.forEach(name -> before.put(
                    name, Before.of(warehouse.directory(name), () -> warehouse.reader(name), warehouse.locate())));
            Map<String, Long> tree = Trees.contents(warehouse.locate().apply(warehouse.root()));

            Report dry = sink.maintain("--dry-run");

            assertThat(Trees.contents(warehouse.locate().apply(warehouse.root())))
                    .isEqualTo(tree);

            Report report = sink.maintain("--exclude", "paths.t10");

            assertThat(report.exit()).as("%s", report).isZero();
            assertThat(report.reasons()).containsEntry("paths.t10", "excluded");
            for (String name : List.of("hashed", "t1", "vectors")) {
                assertThat(report.action("paths." + name).reason()).isEqualTo("expired");
                assertThat(report.action("paths." + name).deletedFiles())
                        .isEqualTo(dry.action("paths." + name).deletedFiles());
                was(before, name).assertMaintained(report.action("paths." + name));
            }
            assertThat(was(before, "t10").gone()).isEmpty();
            assertThat(was(before, "hashed").gone())
                    .anyMatch(file -> file.toString().contains("/elsewhere/"));

            Report again = sink.maintain();

            assertThat(again.reasons()).containsEntry("paths.t1", "nothing-to-expire");
            was(before, "t10").assertMaintained(again.action("paths.t10"));
        }
    }

    private static Before was(Map<String, Before> before, String name) {
        return Objects.requireNonNull(before.get(name));
    }

    /** Two whose names begin alike, one whose data files are spread by hashes elsewhere, one with deletion vectors. */
    private static void make(PathWarehouse warehouse) throws IOException {
        for (String name : NAMES) {
            Map<String, String> properties = new HashMap<>();
            if (name.equals("hashed")) {
                properties.put("write.object-storage.enabled", "true");
                properties.put("write.data.path", warehouse.root() + "/hashed/elsewhere");
            }
            warehouse.create(name, name.equals("vectors") ? 3 : 2, properties);
            try (TableSource source = warehouse.open()) {
                new LakeTable(PathWarehouse.load(source, name))
                        .appendAndDeleteFirst(1, 2, 3)
                        .replace(4)
                        .tag("kept")
                        .replace(5, 5)
                        .append(6)
                        .append(7);
            }
        }
    }
}
