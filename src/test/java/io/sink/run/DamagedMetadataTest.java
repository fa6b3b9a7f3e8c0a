package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.AnyDamage;
import io.sink.testing.BoundedRun;
import io.sink.testing.Draws;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables of which one file of metadata was changed at random, beside two that are sound, in a process of 256 MiB: every
 * table has its reasons, and nothing is gone that was not the table's own, or that a reader still needed.
 *
 * <p>{@code -Dsink.cases} says how many runs there are, of {@value #TABLES} tables each.
 */
@ExtendWith(Seeds.Given.class)
class DamagedMetadataTest {
    private static final int TABLES = 40;
    private static final List<String> SOUND = List.of("a-sound", "z-sound");
    private static final Set<Integer> ENDINGS = Set.of(0, 20);

    /** What may come of a table whose files say other than they did: what is done, what is left alone, what fails. */
    private static final Set<String> REASONS = Set.of(
            "expired",
            "compacted",
            "nothing-to-expire",
            "no-current-snapshot",
            "nothing-to-rewrite",
            "below-threshold",
            "above-byte-cap",
            "gc-disabled",
            "expiry-guard",
            "table-shrank",
            "table-grew",
            "encrypted",
            "unsupported-format",
            "unsupported-feature",
            "duplicate-entry",
            "location-mismatch",
            "invalid-property",
            "missing-file",
            "metadata-unreadable",
            "storage-error",
            "expire-error",
            "rewrite-error",
            "memory-budget",
            "permission-denied");

    private static final Set<String> CHANGING = Set.of("expired", "compacted");

    @TempDir
    Path directory;

    @TestFactory
    List<DynamicTest> a_reason_for_each_and_nothing_is_gone(Seeds seeds) {
        return seeds.tests(1, this::play);
    }

    private void play(Draws draws) throws IOException, InterruptedException {
        Path home = Files.createDirectory(directory.resolve("case-" + draws.seed()));
        Path warehouse = Files.createDirectory(home.resolve("w"));
        Path others = Files.createDirectory(home.resolve("others"));
        Files.writeString(others.resolve("precious.parquet"), "of nobody here");
        for (String name : SOUND) {
            make(warehouse, name, 2);
        }
        Path live =
                Path.of(PathTable.create(others, "table", 2, Map.of()).append(1).location());
        AnyDamage damage = new AnyDamage(
                draws,
                List.of(
                        others.resolve("precious.parquet").toString(),
                        live.toString(),
                        live.toUri().toString(),
                        warehouse.resolve("a-sound").toString(),
                        warehouse.resolve("a-sound/../z-sound").toString()));
        Map<String, Damaged> tables = new TreeMap<>();
        for (int i = 0; i < TABLES; i++) {
            String name = "t" + i;
            make(warehouse, name, 2 + draws.nextInt(2));
            tables.put(name, damaged(warehouse, name, damage, draws));
        }
        SavedTree before = SavedTree.of(home);

        BoundedRun run = BoundedRun.maintain(home, "4m");

        Map<String, Integer> counts = new TreeMap<>();
        run.reasons().values().forEach(of -> of.forEach(reason -> counts.merge(reason, 1, Integer::sum)));
        System.out.println("DamagedMetadataTest: seed " + draws.seed() + ": " + counts);
        List<String> wrong = new ArrayList<>();
        tables.forEach((name, table) -> {
            Set<String> reasons = run.reasons().getOrDefault(name, Set.of());
            judge(warehouse, name, table, reasons, before)
                    .forEach(what -> wrong.add(name + " " + reasons + ": " + table.how() + ": " + what));
        });
        assertThat(wrong).as(run.errors()).isEmpty();
        assertThat(run.exit()).as(run.errors()).isIn(ENDINGS);
        for (String name : SOUND) {
            assertThat(run.reasons().get(name)).as(name).containsExactlyInAnyOrder("expired", "compacted");
            assertThat(rows(warehouse, name))
                    .as(name)
                    .hasValueSatisfying(rows -> assertThat(rows).hasSize(6));
        }
        assertThat(before.files())
                .filteredOn(file -> file.startsWith(others))
                .isNotEmpty()
                .allMatch(before::intact);
    }

    /** Appends, an overwrite, and rows deleted by position: something to expire, and something to compact. */
    private static void make(Path warehouse, String name, int version) {
        PathTable table =
                PathTable.create(warehouse, name, version, Map.of("write.metadata.compression-codec", "none"));
        table.append(100, 101);
        table.replace(1, 2);
        DataFile file = table.append(3, 4, 5);
        table.append(6, 7);
        table.delete(file, 1);
        table.statistics(table.currentSnapshot());
    }

    /**
     * A table after what was done to it.
     *
     * @param rows what a reader that shares no code finds in it; empty where that finds that something is wrong
     */
    private record Damaged(String how, Optional<List<String>> rows) {}

    private static Damaged damaged(Path warehouse, String name, AnyDamage damage, Draws draws) throws IOException {
        SecondReader reader = PathWarehouse.local(warehouse).reader(name);
        Set<Path> files = new LinkedHashSet<>();
        // In an order that has nothing of their names, which are drawn anew each time.
        for (SecondReader.Snapshot snapshot : reader.snapshots()) {
            reader.files(snapshot.id()).stream()
                    .filter(file -> !file.toString().endsWith(".parquet"))
                    .sorted(Comparator.comparing(DamagedMetadataTest::kind))
                    .forEach(files::add);
        }
        List<Path> all = List.copyOf(files);
        Path file = draws.nextInt(3) == 0 ? reader.metadata() : all.get(draws.nextInt(all.size()));
        String how = damage.at(file);
        return new Damaged(how, rows(warehouse, name));
    }

    /** A list, the first manifest of a commit, its second, a vector. */
    private static String kind(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("snap-") ? "" : name.substring(name.lastIndexOf('-'));
    }

    private static Optional<List<String>> rows(Path warehouse, String name) {
        return read(warehouse, name, SecondReader::rows);
    }

    /** What a reader says that knows nothing of damage. */
    private static <T> Optional<T> read(Path warehouse, String name, Function<SecondReader, T> what) {
        try {
            return Optional.of(what.apply(PathWarehouse.local(warehouse).reader(name)));
        } catch (RuntimeException damaged) {
            return Optional.empty();
        }
    }

    private static List<String> judge(
            Path warehouse, String name, Damaged damaged, Set<String> reasons, SavedTree before) {
        List<String> wrong = new ArrayList<>();
        if (reasons.isEmpty() || !REASONS.containsAll(reasons)) {
            wrong.add("not a reason of such a table");
        }
        if (reasons.stream().noneMatch(CHANGING::contains)) {
            before.files().stream()
                    .filter(file -> file.startsWith(warehouse.resolve(name)) && !before.intact(file))
                    .forEach(file -> wrong.add(file + " is gone or another"));
            return wrong;
        }
        if (damaged.rows().isPresent() && !rows(warehouse, name).equals(damaged.rows())) {
            wrong.add("other rows: " + damaged.rows() + ", now " + rows(warehouse, name));
        }
        Set<Path> needed = read(warehouse, name, SecondReader::reachable).orElseGet(TreeSet::new);
        before.files().stream()
                .filter(file -> needed.contains(file) && !Files.exists(file))
                .forEach(file -> wrong.add(file + " is needed, and gone"));
        return wrong;
    }
}
