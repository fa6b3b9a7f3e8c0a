package io.sink.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Findings.SnapshotFigures;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Faults;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.verify.VerifyPolicy.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyActionTest {
    @TempDir
    Path warehouse;

    private PathTable table;

    @BeforeEach
    void make() {
        table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile file = table.append(1, 2, 3);
        table.delete(file, 1);
        table.statistics(table.currentSnapshot());
        table.append(4);
    }

    private ActionResult verify(Rows rows) {
        return verify(table.load().operations(), rows);
    }

    private static ActionResult verify(TableOperations ops, Rows rows) {
        Decision decision = new VerifyAction()
                .plan(
                        new Subject("made.t", ops, true, "01RUN", "host", Instant.now(), StopSignal.NEVER),
                        new VerifyPolicy(rows));
        return ((Decision.Stay) decision).result();
    }

    @Test
    void counts_every_file_and_every_row_of_a_table_that_is_whole() {
        ActionResult result = verify(Rows.ALL);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.VERIFIED);
        TreeSet<Path> reachable = new TreeSet<>(table.reader().reachable());
        assertThat(result.effect().get(Counter.FILES_CHECKED)).isEqualTo(reachable.size());
        assertThat(result.findings().snapshots())
                .extracting(
                        SnapshotFigures::dataFiles,
                        SnapshotFigures::deleteFiles,
                        SnapshotFigures::records,
                        s -> s.rows())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1L, 0L, 3L, 3L),
                        org.assertj.core.groups.Tuple.tuple(1L, 1L, 3L, 2L),
                        org.assertj.core.groups.Tuple.tuple(2L, 1L, 4L, 3L));
        assertThat(verify(Rows.CURRENT).findings().snapshots())
                .extracting(SnapshotFigures::rows)
                .containsExactly(null, null, 3L);
        assertThat(verify(Rows.NONE).effect().get(Counter.ROWS_CHECKED)).isZero();
    }

    @Test
    void names_each_snapshot_that_needs_a_manifest_that_is_gone() throws IOException {
        long first = table.load().snapshots().iterator().next().snapshotId();
        ManifestFile gone =
                table.load().snapshot(first).allManifests(table.load().io()).get(0);
        Files.delete(SecondReader.local(gone.path()));
        table.append(5);

        ActionResult result = verify(Rows.NONE);

        String broken = StreamSupport.stream(table.load().snapshots().spliterator(), false)
                .map(snapshot -> Long.toString(snapshot.snapshotId()))
                .collect(Collectors.joining(", "));
        assertThat(broken).startsWith(Long.toString(first));
        assertThat(result.detail())
                .contains("not whole, since a manifest or a list of it cannot be read: snapshots " + broken);
    }

    @Test
    void gives_a_compacted_snapshot_the_fingerprint_of_the_one_before() {
        ActionResult compacted = Compacting.small().execute(table.load().operations());
        assertThat(compacted.reason()).isEqualTo(Reason.COMPACTED);

        List<SnapshotFigures> all = verify(Rows.ALL).findings().snapshots();

        String before = all.get(all.size() - 2).fingerprint();
        assertThat(before).isNotNull().isNotEqualTo(all.get(0).fingerprint());
        assertThat(all.get(all.size() - 1).fingerprint()).isEqualTo(before);
        assertThat(compacted.detail()).contains("fingerprint " + before);
    }

    /** Every kind of file goes in turn, and then grows. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void names_each_file_that_is_missing_or_has_another_length(boolean missing) throws IOException {
        SavedTree whole = SavedTree.of(warehouse);
        int tried = 0;
        for (Path file : table.reader().reachable()) {
            String current = table.load().operations().current().metadataFileLocation();
            boolean unknownLength = file.toString().contains(".metadata.json")
                    || file.getFileName().toString().startsWith("snap-");
            if (file.equals(SecondReader.local(current)) || (!missing && unknownLength)) {
                continue;
            }
            if (missing) {
                Files.delete(file);
            } else {
                Files.writeString(file, "x", java.nio.file.StandardOpenOption.APPEND);
            }

            ActionResult result = verify(Rows.NONE);

            assertThat(result.reason()).as(file + ": " + result).isEqualTo(Reason.VERIFY_FAILED);
            assertThat(result.findings().problems())
                    .as(file.toString())
                    .anyMatch(problem -> problem.startsWith(file.toString()));
            whole.restore();
            tried++;
        }
        assertThat(tried).isGreaterThan(5);
        assertThat(verify(Rows.ALL).reason()).isEqualTo(Reason.VERIFIED);
    }

    @Test
    void names_a_file_whose_rows_cannot_be_read_though_its_length_is_right() throws IOException {
        Path file = table.reader().reachable().stream()
                .filter(any ->
                        any.toString().endsWith(".parquet") && any.toString().contains("/data/"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, bytes.length - 40, bytes.length, (byte) 0);
        Files.write(file, bytes);

        assertThat(verify(Rows.NONE).reason()).isEqualTo(Reason.VERIFIED);
        ActionResult result = verify(Rows.CURRENT);

        assertThat(result.reason()).isEqualTo(Reason.VERIFY_FAILED);
        assertThat(result.findings().problems())
                .singleElement()
                .asString()
                .contains(file.toString(), "rows of snapshot");
    }

    @Test
    void does_not_call_a_refusal_a_problem_of_the_table() {
        Faults refused = new Faults(3, true, Faults.When.BEFORE, message -> new ForbiddenException("%s", message));

        ActionResult result =
                verify(new FaultyOperations(table.load().operations(), Faults.none(), refused), Rows.NONE);

        assertThat(result.reason()).isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void writes_nothing() {
        Map<String, Long> before = io.sink.testing.Trees.contents(warehouse);

        verify(Rows.ALL);

        assertThat(io.sink.testing.Trees.contents(warehouse)).isEqualTo(before);
    }
}
