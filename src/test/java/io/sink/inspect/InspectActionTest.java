package io.sink.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Inspection;
import io.sink.outcome.Inspection.Pin;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InspectActionTest {
    @TempDir
    Path warehouse;

    private static Inspection inspect(PathTable table, Duration later) {
        ActionResult result = look(table, later, StopSignal.NEVER);
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.INSPECTED);
        return Objects.requireNonNull(result.findings().inspection());
    }

    private static ActionResult look(PathTable table, Duration later, StopSignal stop) {
        Decision decision = new InspectAction()
                .plan(
                        new Subject(
                                "made.t",
                                table.load().operations(),
                                true,
                                "01RUN",
                                "host",
                                Instant.now().plus(later),
                                stop),
                        "");
        return ((Decision.Stay) decision).result();
    }

    @Test
    void a_signal_ends_it_between_two_manifests() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        AtomicInteger asked = new AtomicInteger();

        ActionResult result = look(table, Duration.ZERO, () -> asked.incrementAndGet() > 1);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.INTERRUPTED);
    }

    @Test
    void counts_live_files_by_size_and_snapshots_by_age() throws Exception {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile one = table.append(1, 2, 3);
        DataFile two = table.append(4);

        Inspection found = inspect(table, Duration.ofDays(8));

        assertThat(found.dataFiles()).isEqualTo(2);
        assertThat(found.dataBytes()).isEqualTo(one.fileSizeInBytes() + two.fileSizeInBytes());
        assertThat(found.records()).isEqualTo(4);
        assertThat(found.histogram().get(0)).isEqualTo(new Inspection.Bucket(1L << 20, 2, found.dataBytes()));
        assertThat(found.histogram().stream()
                        .mapToLong(Inspection.Bucket::files)
                        .sum())
                .isEqualTo(2);
        assertThat(found.snapshots())
                .containsExactly(
                        new Inspection.Age(1, 0),
                        new Inspection.Age(7, 0),
                        new Inspection.Age(30, 2),
                        new Inspection.Age(90, 0),
                        new Inspection.Age(null, 0));
        assertThat(found.manifests()).isEqualTo(2);
        assertThat(found.metadataBytes())
                .isEqualTo(
                        Files.size(Path.of(table.load().operations().current().metadataFileLocation())));
    }

    @Test
    void says_what_each_ref_holds_that_no_other_does() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile first = table.append(1);
        table.load()
                .manageSnapshots()
                .createTag("year-end", table.currentSnapshot())
                .commit();
        table.replace(2);
        table.replace(3);
        table.load()
                .manageSnapshots()
                .createBranch("audit", table.currentSnapshot())
                .commit();
        DataFile last = table.append(4);

        Map<String, Pin> pins = Objects.requireNonNull(
                        inspect(table, Duration.ZERO).refs())
                .stream()
                .collect(Collectors.toMap(pin -> String.valueOf(pin.ref()), Function.identity()));

        assertThat(pins).containsOnlyKeys("main", "year-end", "audit", "null");
        assertThat(pin(pins, "main").bytes()).isEqualTo(last.fileSizeInBytes());
        assertThat(pin(pins, "main").kind()).isEqualTo("branch");
        assertThat(pin(pins, "year-end").bytes()).isEqualTo(first.fileSizeInBytes());
        assertThat(pin(pins, "year-end").kind()).isEqualTo("tag");
        // main has its file too
        assertThat(pin(pins, "audit").files()).isZero();
        // the row 2 that was replaced
        assertThat(pin(pins, "null").kind()).isEqualTo("history");
        assertThat(pin(pins, "null").files()).isEqualTo(1);
    }

    private static Pin pin(Map<String, Pin> pins, String ref) {
        return Objects.requireNonNull(pins.get(ref), ref);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void tells_delete_files_that_drop_rows_from_those_that_dangle(int formatVersion) {
        PathTable table = PathTable.create(warehouse, "t", formatVersion, Map.of());
        DataFile file = table.append(1, 2, 3);
        DeleteFile delete = table.delete(file, 1);
        assertThat(inspect(table, Duration.ZERO).deletes())
                .isEqualTo(
                        formatVersion == 3
                                ? new Inspection.Deletes(0, 0, 1, 1, 0L)
                                : new Inspection.Deletes(1, 0, 0, 1, 0L));

        // the data file goes and its delete file stays
        var table2 = table.load();
        table2.newDelete().deleteFile(file).commit();

        Inspection.Deletes left = inspect(table, Duration.ZERO).deletes();
        assertThat(left.dangling()).as(delete.location()).isEqualTo(left.files());
        assertThat(left.files()).isLessThanOrEqualTo(1);
    }

    @Test
    void looks_at_a_table_without_snapshots_and_writes_nothing() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        var before = Trees.contents(warehouse);

        Inspection found = inspect(table, Duration.ZERO);

        assertThat(found.dataFiles()).isZero();
        assertThat(found.refs()).singleElement().extracting(Pin::bytes).isEqualTo(0L);
        assertThat(Trees.contents(warehouse)).isEqualTo(before);
        assertThat(Compacting.small().preview(table.load().operations()).reason())
                .isEqualTo(Reason.NO_CURRENT_SNAPSHOT);
    }
}
