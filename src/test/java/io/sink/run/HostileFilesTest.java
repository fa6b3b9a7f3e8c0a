package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.BoundedRun;
import io.sink.testing.HostileFiles;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables of which one file claims what is not so, beside two that are sound, in a process of 256 MiB that an
 * out-of-memory would end: each has a reason of its own, and the sound ones are done.
 */
class HostileFilesTest {
    /** What is said of a table of which something cannot be read. */
    private static final Set<String> REASONS = Set.of(
            "metadata-unreadable", "storage-error", "expire-error", "rewrite-error", "memory-budget", "above-byte-cap");

    /** Claims that nobody goes by: what is done with these tables is right. */
    private static final Set<String> HARMLESS = Set.of(
            "list-counts-of-giga",
            "manifest-of-bytes-below-zero",
            "manifest-of-nested-schema",
            "metadata-of-nested-types");

    private static final int SOME = 20;

    /** {@code -Dsink.hostile.deadline=30s} on a machine that has nothing else to do. */
    private static final String DEADLINE = System.getProperty("sink.hostile.deadline", "10m");

    @TempDir
    Path directory;

    @Test
    void each_is_a_reason_of_its_own_table_and_the_sound_ones_are_done() throws Exception {
        Path warehouse = Files.createDirectory(directory.resolve("w"));
        List<String> sound = List.of("a-sound", "z-sound");
        for (String name : sound) {
            PathTable table = PathTable.create(warehouse, name, 2, Map.of());
            table.append(1);
            table.append(2);
            table.append(3);
        }
        List<String> hostile = HostileFiles.make(warehouse);
        assertThat(hostile).hasSizeGreaterThanOrEqualTo(60).doesNotHaveDuplicates();

        BoundedRun run = BoundedRun.maintain(directory, DEADLINE);

        assertThat(run.exit()).as(run.errors()).isEqualTo(SOME);
        Map<String, Set<String>> reasons = run.reasons();

        for (String name : sound) {
            assertThat(reasons.get(name)).as(name).containsExactlyInAnyOrder("expired", "compacted");
            assertThat(PathWarehouse.local(warehouse).reader(name).rows())
                    .as(name)
                    .hasSize(3);
        }
        Set<String> wrong = new TreeSet<>();
        for (String name : hostile) {
            Set<String> of = reasons.getOrDefault(name, Set.of());
            if (!HARMLESS.contains(name) && of.stream().noneMatch(REASONS::contains) || of.contains("internal-error")) {
                wrong.add(name + " " + of);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(reasons).hasSize(hostile.size() + sound.size());
    }
}
