package lib;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.SecondReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lib.Report.Action;

/**
 * A table's snapshots, rows and files before a run, to be held against what the run leaves.
 *
 * @param directory the table's own
 * @param now gives a second reader of the table as it is when it is asked
 * @param rows the rows of each snapshot by its id
 * @param refs where each branch and tag pointed
 * @param files every file in the directory with its length, but for the checksums that Hadoop writes beside its files
 * @param locate gives the local file of a path in a report
 */
public record Before(
        Path directory,
        Supplier<SecondReader> now,
        Map<Long, List<String>> rows,
        Map<String, Long> refs,
        SortedMap<Path, Long> files,
        Function<String, Path> locate) {

    /** Looks at a table whose locations are paths on local disk. */
    public static Before of(Path directory, Supplier<SecondReader> now) {
        return of(directory, now, SecondReader::local);
    }

    public static Before of(Path directory, Supplier<SecondReader> now, Function<String, Path> locate) {
        SecondReader reader = now.get();
        Map<Long, List<String>> rows = new HashMap<>();
        reader.snapshots().forEach(snapshot -> rows.put(snapshot.id(), reader.rows(snapshot.id())));
        return new Before(directory, now, rows, refs(reader), files(directory), locate);
    }

    private static Map<String, Long> refs(SecondReader reader) {
        Map<String, Long> refs = new TreeMap<>();
        reader.snapshots().forEach(snapshot -> snapshot.refs().forEach(ref -> refs.put(ref, snapshot.id())));
        return refs;
    }

    private static SortedMap<Path, Long> files(Path directory) {
        SortedMap<Path, Long> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                if (!file.toString().endsWith(".crc")) {
                    files.put(file, Files.size(file));
                }
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Snapshots that were there and are there no more. */
    public Set<Long> expired() {
        Set<Long> expired = new TreeSet<>(rows.keySet());
        now.get().snapshots().forEach(snapshot -> expired.remove(snapshot.id()));
        return expired;
    }

    /** Files that were there and are there no more. */
    public Set<Path> gone() {
        Set<Path> gone = new TreeSet<>(files.keySet());
        gone.removeAll(files(directory).keySet());
        return gone;
    }

    /** Every surviving snapshot reads as before, row by row, no ref moved, and every file that is needed is there. */
    public void assertRowsKept() {
        SecondReader reader = now.get();
        assertThat(reader.snapshots()).as("snapshots of %s", directory).allMatch(s -> rows.containsKey(s.id()));
        for (SecondReader.Snapshot snapshot : reader.snapshots()) {
            assertThat(reader.rows(snapshot.id()))
                    .as("snapshot %s of %s", snapshot, directory)
                    .isEqualTo(rows.get(snapshot.id()));
        }
        assertThat(refs(reader)).as("refs of %s", directory).isEqualTo(refs);
        assertThat(reader.reachable()).allMatch(Files::exists);
    }

    /**
     * What is on disk is what the second reader reaches, but for files that no expiry may touch: older metadata files
     * that fell out of the log, and the version hint.
     */
    public void assertNothingSuperfluous() {
        Set<Path> reachable = now.get().reachable();
        assertThat(files(directory).keySet()).as("files of %s", directory).containsAll(reachable);
        assertThat(files(directory).keySet().stream()
                        .filter(file -> !reachable.contains(file))
                        .filter(file -> !file.endsWith("version-hint.text"))
                        .filter(file -> !isMetadata(file) || !files.containsKey(file)))
                .as("unreachable files of %s", directory)
                .isEmpty();
    }

    private static boolean isMetadata(Path file) {
        return file.toString().endsWith(".metadata.json");
    }

    /** The report's figures and paths are what is really gone. */
    public void assertTold(Action action) {
        Set<Path> gone = gone();
        assertThat(action.deletedFiles().stream().map(locate).collect(Collectors.toSet()))
                .as("deleted files of %s", action)
                .isEqualTo(gone);
        assertThat(action.deletedFiles()).hasSize(gone.size());
        assertThat(action.effect("snapshots_expired"))
                .as("%s", action)
                .isEqualTo(expired().size());
        assertThat(action.effect("bytes_freed"))
                .as("%s", action)
                .isEqualTo(gone.stream()
                        .mapToLong(file -> files.getOrDefault(file, 0L))
                        .sum());
        assertCount(action, gone, "metadata_files_deleted", ".*\\.metadata\\.json");
        assertCount(action, gone, "manifest_lists_deleted", "snap-.*\\.avro");
        assertCount(action, gone, "manifests_deleted", "(?!snap-).*\\.avro");
        assertCount(action, gone, "statistics_files_deleted", "(partition-)?stats-.*|.*\\.stats");
        assertThat(Stream.of(
                                "metadata_files",
                                "manifest_lists",
                                "manifests",
                                "statistics_files",
                                "data_files",
                                "delete_files")
                        .mapToLong(kind -> action.effect(kind + "_deleted"))
                        .sum())
                .as("%s", action)
                .isEqualTo(gone.size());
    }

    private static void assertCount(Action action, Set<Path> gone, String counter, String name) {
        assertThat(action.effect(counter))
                .as("%s of %s", counter, action)
                .isEqualTo(gone.stream()
                        .filter(file -> file.getFileName().toString().matches(name))
                        .count());
    }

    /** All of it: rows, files and figures. */
    public void assertMaintained(Action action) {
        assertRowsKept();
        assertNothingSuperfluous();
        assertTold(action);
    }
}
