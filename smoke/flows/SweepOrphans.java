package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.Seeds;
import io.sink.testing.Sweeping;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import lib.Lake;
import lib.PeakMemory;
import lib.Report;
import lib.Report.Action;
import lib.Running;
import lib.Sink;
import lib.Sink.Ended;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Orphans are listed, then deleted, and nothing else is; and a table with any number of files is swept in a heap of 256
 * MiB.
 *
 * <p>System properties: {@code sink.orphans.files}, files to list in the second (20 000), half of them live; {@code
 * sink.sweep.kills}, sweeps to kill (3).
 */
@ExtendWith(Seeds.Given.class)
class SweepOrphans {
    private static final int FILES = Integer.getInteger("sink.orphans.files", 20_000);
    private static final int KILLS = Integer.getInteger("sink.sweep.kills", 3);
    private static final int LEFT_BY_WRITERS = 4_000;
    private static final int FILES_PER_FOLDER = 5_000;
    private static final int FILES_PER_COMMIT = 50_000;
    /** The heap, and as much again for code, classes, threads and buffers outside of it. */
    private static final long PEAK_MB = 512;

    @TempDir
    Path directory;

    @Test
    void orphans_are_listed_and_then_deleted_and_nothing_else_is() throws IOException, InterruptedException {
        try (Lake lake = Lake.make(directory)) {
            lake.create("t", 3, Map.of())
                    .append(1, 2)
                    .appendAndDeleteFirst(3, 4)
                    .statistics()
                    .append(5);
            lake.create("t1", 2, Map.of()).append(6);
            Sweeping.age(lake.directory());
            Path orphan = Sweeping.plant(lake.table("t").resolve("data/left-by-a-writer.parquet"));
            Path vector = Sweeping.plant(lake.table("t").resolve("data/p=1/left-by-a-writer.puffin"));
            Path young = Files.writeString(lake.table("t").resolve("data/young.parquet"), "young");
            Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);
            List<String> rows = lake.reader("t").rows();
            Map<String, Long> before = Trees.contents(directory.resolve("lake/web"));

            Ended listed = sink.run("orphans");

            assertThat(listed.exit()).as(listed.toString()).isZero();
            assertThat(listed.stdout())
                    .contains("lake.web.t ", "would-delete-orphans", orphan.toString(), vector.toString())
                    .containsPattern("lake\\.web\\.t1 +orphans +skipped +no-orphans")
                    .doesNotContain("young.parquet");
            assertThat(Trees.contents(directory.resolve("lake/web"))).isEqualTo(before);
            Report report = sink.run("orphans", "--delete", "--report", "json", "--max-orphan-bytes-percent", "90")
                    .report();
            Action swept = report.action("lake.web.t", "orphans");
            assertThat(swept.reason()).as(report.toString()).isEqualTo("orphans-deleted");
            assertThat(swept.effect("orphan_files_deleted")).isEqualTo(2);
            assertThat(swept.deletedFiles()).containsExactlyInAnyOrder(orphan.toString(), vector.toString());
            assertThat(swept.json().path("by_prefix")).hasSize(2);
            assertThat(orphan).doesNotExist();
            assertThat(young).exists();
            assertThat(lake.reader("t").rows()).isEqualTo(rows);
            assertThat(lake.reader("t").reachable()).allMatch(Files::exists);
            assertThat(sink.run("orphans", "--delete", "--older-than", "1h").exit())
                    .isEqualTo(2);
        }
    }

    @Test
    void a_sweep_killed_at_any_moment_is_finished_by_the_next_run(Seeds seeds) throws Exception {
        seeds.once("sink.sweep.kills", this::killSweeps);
    }

    private void killSweeps(Random random) throws IOException, InterruptedException {
        PathTable table = PathTable.create(Files.createDirectory(directory.resolve("paths")), "t", 3, Map.of());
        table.delete(table.append(1, 2, 3), 1);
        table.append(4);
        Path orphans = table.location().resolve("data/left");
        Sink sink = Sink.in(directory).configured("""
                        version: 1
                        catalogs:
                          paths: { type: path, warehouse: ./paths }
                        """);
        List<String> rows = table.reader().rows();
        TreeSet<Path> live = SavedTree.files(table.location());
        String[] sweep = {"orphans", "--delete", "--max-orphan-bytes-percent", "100", "--report", "json"};

        int midway = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            plant(orphans);
            Running running = sink.start(sweep);
            while (running.process().isAlive() && count(orphans) == LEFT_BY_WRITERS) {
                LockSupport.parkNanos(1_000_000);
            }
            LockSupport.parkNanos(random.nextInt(200) * 1_000_000L);
            running.kill();
            running.ended();
            int left = count(orphans);
            midway += left > 0 && left < LEFT_BY_WRITERS ? 1 : 0;
            String when = "kill %d, %d orphans left".formatted(kill, left);
            assertThat(SavedTree.files(table.location())).as(when).containsAll(live);

            Report next = sink.run(sweep).report();

            assertThat(next.exit()).as("%s: %s", when, next).isZero();
            assertThat(SavedTree.files(table.location())).as(when).isEqualTo(live);
            assertThat(next.action("paths.t", "orphans").effect("orphan_files_deleted"))
                    .as(when)
                    .isEqualTo(left);
            assertThat(table.reader().rows()).as(when).isEqualTo(rows);
        }
        System.out.printf("%d sweeps killed, %d of them midway%n", KILLS, midway);
    }

    /** Files in a folder from which others delete. */
    private static int count(Path folder) {
        String[] names = folder.toFile().list();
        return names == null ? 0 : names.length;
    }

    private static void plant(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int file = 0; file < LEFT_BY_WRITERS; file++) {
            Files.writeString(folder.resolve("%04d.parquet".formatted(file)), "left");
        }
        Sweeping.age(folder);
    }

    @Test
    void any_number_of_files_is_swept_in_a_bounded_heap() throws IOException, InterruptedException, ExecutionException {
        PathTable table = PathTable.create(Files.createDirectory(directory.resolve("paths")), "t", 2, Map.of());
        TreeSet<Path> live = fill(table);
        Sink sink = Sink.in(directory).configured("""
                        version: 1
                        catalogs:
                          paths: { type: path, warehouse: ./paths }
                        """).with("SINK_JAVA_OPTS", "-Xmx256m");

        long start = System.nanoTime();
        Running running = sink.start("orphans", "--delete", "--report", "json");
        long peak = PeakMemory.of(running.process());
        Report report = running.ended(Duration.ofMinutes(20)).report();

        System.out.printf(
                "%d files listed, half of them orphans, swept at -Xmx256m in %d s: peak RSS %d MB%n",
                FILES, Duration.ofNanos(System.nanoTime() - start).toSeconds(), peak >> 10);
        Action swept = report.action("paths.t", "orphans");
        assertThat(swept.reason()).as("%s", swept.json().path("detail")).isEqualTo("orphans-deleted");
        assertThat(swept.effect("orphan_files_deleted")).isEqualTo(FILES / 2);
        TreeSet<Path> data = SavedTree.files(table.location().resolve("data"));
        assertThat(data).hasSize(live.size()).containsAll(live.headSet(live.first(), true));
        assertThat(data.equals(live)).isTrue();
        assertThat(peak >> 10).isBetween(1L, PEAK_MB);
    }

    /** Makes empty files, and commits every second of them; the live ones. */
    private static TreeSet<Path> fill(PathTable table) throws IOException {
        BaseTable to = table.load();
        TreeSet<Path> live = new TreeSet<>();
        AppendFiles append = to.newFastAppend();
        int appended = 0;
        for (int i = 0; i < FILES; i++) {
            Path folder = table.location().resolve("data/folder-%04d".formatted(i / FILES_PER_FOLDER));
            if (i % FILES_PER_FOLDER == 0) {
                Files.createDirectories(folder);
            }
            Path file = Files.createFile(folder.resolve("file-%08d.parquet".formatted(i)));
            if (i % 2 == 0) {
                live.add(file);
                append.appendFile(DataFiles.builder(to.spec())
                        .withPath(file.toString())
                        .withFileSizeInBytes(1)
                        .withRecordCount(1)
                        .build());
                if (++appended % FILES_PER_COMMIT == 0) {
                    append.commit();
                    append = to.newFastAppend();
                }
            }
        }
        append.commit();
        Sweeping.age(table.location());
        return live;
    }
}
