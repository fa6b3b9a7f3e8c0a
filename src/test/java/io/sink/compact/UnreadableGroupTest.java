package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.SnapshotChanges;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three partitions of two files each, of which one file cannot be read. */
class UnreadableGroupTest {
    @TempDir
    Path folder;

    SmallTable small;
    private Path bad;
    private byte[] whole;
    private List<String> rows;

    /** How to compact. */
    Compacting compacting() {
        return Compacting.small();
    }

    private enum Damage {
        MISSING,
        EMPTY,
        NO_FOOTER,
        PAGES,
        LEVELS
    }

    @BeforeEach
    void make() throws IOException {
        small = SmallTable.plain(folder.resolve("t"), 2);
        small.table.updateSpec().addField("id").commit();
        small.append(1, 10);
        DataFile file = small.append(2, 2000);
        small.append(1, 20);
        small.append(2, 30);
        small.append(3, 40);
        small.append(3, 50);
        bad = path(file.location());
        whole = Files.readAllBytes(bad);
        rows = LocalTable.rows(small.table);
    }

    @ParameterizedTest
    @EnumSource
    void the_other_groups_are_rewritten_and_the_file_is_named(Damage damage) throws IOException {
        damage(damage);

        ActionResult result = compacting().skippingGroups().execute(((BaseTable) small.table).operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.GROUPS_SKIPPED);
        assertThat(result.reason().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.detail())
                .contains("1 group stays as it is", bad.getFileName().toString());
        assertThat(result.committedSnapshotId()).isNotNull();
        small.table.refresh();
        assertThat(live()).hasSize(4).contains(bad);
        Files.write(bad, whole);
        assertThat(LocalTable.rows(small.table)).isEqualTo(rows);
        assertNothingElse();
    }

    @ParameterizedTest
    @EnumSource
    void by_default_nothing_is_rewritten(Damage damage) throws IOException {
        Set<Path> before = data();
        damage(damage);

        ActionResult result = compacting().execute(((BaseTable) small.table).operations());

        assertThat(result.reason().outcome()).as(result.toString()).isEqualTo(Outcome.FAILED);
        assertThat(result.detail()).contains(bad.getFileName().toString());
        assertThat(result.committedSnapshotId()).isNull();
        Files.write(bad, whole);
        assertThat(data()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_table_with_no_other_group_ends_as_by_default(Damage damage) throws IOException {
        small = SmallTable.byId(Files.createTempDirectory(folder, "one"));
        bad = path(small.append(2, 10).location());
        small.append(2, 10);
        damage(damage);

        ActionResult result = compacting().skippingGroups().execute(((BaseTable) small.table).operations());

        ActionResult byDefault = compacting().execute(((BaseTable) small.table).operations());
        assertThat(result.reason())
                .as(result.toString())
                .isEqualTo(byDefault.reason())
                .isEqualTo(damage == Damage.MISSING ? Reason.MISSING_FILE : Reason.REWRITE_ERROR);
        assertThat(result.committedSnapshotId()).isNull();
    }

    @Test
    void a_dry_run_says_which_group_will_stay() throws IOException {
        damage(Damage.NO_FOOTER);

        ActionResult result = compacting().skippingGroups().preview(((BaseTable) small.table).operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.WOULD_COMPACT);
        assertThat(result.detail())
                .contains(
                        "4 of 6 live data files in 2 groups",
                        "1 group stays as it is",
                        bad.getFileName().toString());
    }

    /** The delete reaches both partitions: it goes only with the last group that needs it. */
    @Test
    void deletes_of_the_group_that_stays_are_kept() throws IOException {
        small.deleteEqual(2, "text 7");
        rows = LocalTable.rows(small.table);
        damage(Damage.PAGES);

        ActionResult result = compacting().skippingGroups().execute(((BaseTable) small.table).operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.GROUPS_SKIPPED);
        Files.write(bad, whole);
        small.table.refresh();
        assertThat(SnapshotChanges.builderFor(small.table).build().removedDeleteFiles())
                .isEmpty();
        assertThat(LocalTable.rows(small.table)).isEqualTo(rows);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LEVELS")
    void a_group_whose_delete_file_cannot_be_read_stays_and_the_others_are_rewritten(Damage damage) throws IOException {
        for (String kind : List.of("positions", "positions of two", "values", "vector")) {
            if (kind.equals("vector") && damage == Damage.NO_FOOTER) {
                // A vector is found by the manifest, not by a footer.
                continue;
            }
            small = SmallTable.plain(folder.resolve(kind), kind.equals("vector") ? 3 : 2);
            small.table.updateSpec().addField("id").commit();
            DataFile file = small.append(2, 2000);
            DataFile other = small.append(2, 30);
            switch (kind) {
                case "positions of two" ->
                    small.table
                            .newRowDelta()
                            .addDeletes(small.files.positionDeletes(
                                    Map.of(file.location(), Set.of(3L), other.location(), Set.of(5L)),
                                    small.files.spec(file.specId()),
                                    file.partition()))
                            .commit();
                case "values" -> small.deleteEqual(2, "text 7");
                case "positions" -> small.deletePositions(file, 3L, 5L);
                default ->
                    small.table
                            .newRowDelta()
                            .addDeletes(small.files.vector(file, Set.of(3L, 5L)))
                            .commit();
            }
            bad = path(SnapshotChanges.builderFor(small.table)
                    .build()
                    .addedDeleteFiles()
                    .iterator()
                    .next()
                    .location());
            small.append(3, 40);
            small.append(3, 50);
            whole = Files.readAllBytes(bad);
            rows = LocalTable.rows(small.table);
            damage(damage);

            ActionResult result = compacting().skippingGroups().execute(((BaseTable) small.table).operations());

            assertThat(result.reason()).as("%s %s", kind, result).isEqualTo(Reason.GROUPS_SKIPPED);
            assertThat(result.detail())
                    .contains("1 group stays as it is", bad.getFileName().toString());
            small.table.refresh();
            assertThat(live()).hasSize(3);
            Files.write(bad, whole);
            assertThat(LocalTable.rows(small.table)).isEqualTo(rows);
        }
    }

    /** Iceberg itself drops deletes that are older than every live file, and the oldest files are those that stay. */
    @Test
    void deletes_that_only_the_group_that_stays_is_old_enough_for_are_kept() throws IOException {
        small = SmallTable.plain(folder.resolve("old"), 2);
        small.table.updateSpec().addField("id").commit();
        bad = path(small.append(2, 2000).location());
        small.append(2, 30);
        small.deleteEqual(2, "text 7");
        small.append(1, 10);
        small.append(1, 20);
        whole = Files.readAllBytes(bad);
        rows = LocalTable.rows(small.table);
        damage(Damage.PAGES);

        ActionResult result = compacting().skippingGroups().execute(((BaseTable) small.table).operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.GROUPS_SKIPPED);
        Files.write(bad, whole);
        assertThat(LocalTable.rows(small.table)).isEqualTo(rows);
    }

    private void damage(Damage damage) throws IOException {
        byte[] bytes = Files.readAllBytes(bad);
        switch (damage) {
            case MISSING -> Files.delete(bad);
            case EMPTY -> Files.write(bad, new byte[0]);
            case NO_FOOTER -> {
                Arrays.fill(bytes, bytes.length - 40, bytes.length, (byte) 0);
                Files.write(bad, bytes);
            }
            case PAGES -> {
                Arrays.fill(bytes, 4, 90, (byte) 0xff);
                Files.write(bad, bytes);
            }
            case LEVELS -> {
                // The header of a data page: levels of definition RLE, and of repetition BIT_PACKED, which there are
                // none
                // of. Not even a checksum covers it, and other readers do not look at it; Iceberg cannot read the page.
                int at = 4;
                while (bytes[at] != 0x15 || bytes[at + 1] != 0x06 || bytes[at + 2] != 0x15 || bytes[at + 3] != 0x08) {
                    at++;
                }
                bytes[at + 3] = 0;
                Files.write(bad, bytes);
            }
        }
    }

    private Set<Path> live() {
        Set<Path> live = new TreeSet<>();
        small.table
                .newScan()
                .planFiles()
                .forEach(task -> live.add(path(task.file().location())));
        return live;
    }

    /** What was begun for the group that stays is gone. */
    private void assertNothingElse() throws IOException {
        Set<Path> known = new TreeSet<>(live());
        small.table
                .snapshots()
                .forEach(snapshot -> SnapshotChanges.builderFor(small.table)
                        .snapshot(snapshot)
                        .build()
                        .addedDataFiles()
                        .forEach(file -> known.add(path(file.location()))));
        assertThat(data()).isEqualTo(known);
    }

    private Set<Path> data() throws IOException {
        try (Stream<Path> files = Files.walk(path(small.table.location()))) {
            return new TreeSet<>(
                    files.filter(file -> file.toString().endsWith(".parquet")).toList());
        }
    }

    private static Path path(String location) {
        return SecondReader.local(location);
    }
}
