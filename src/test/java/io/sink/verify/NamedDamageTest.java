package io.sink.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.TableChanges;
import io.sink.verify.VerifyPolicy.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever verification finds wrong in a file, it names that file and says what is wrong with it. */
class NamedDamageTest {
    private static final int PLACES = 7;
    private static final int BYTES = 30;

    @TempDir
    Path warehouse;

    /** Of the same length, so that only what is in the file tells; format 2 has delete files, format 3 vectors. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void a_damaged_file_is_named_once_wherever_the_damage_is(int version) throws IOException {
        PathTable table = PathTable.create(warehouse, "t", version, Map.of());
        DataFile file = table.append(1, 2, 3);
        table.delete(file, 1);
        if (version == 2) {
            Schema key = PathTable.SCHEMA.select("id");
            Record gone = GenericRecord.create(key);
            gone.setField("id", 3L);
            new TableChanges(table.load())
                    .deleteEqual(List.of(gone), key, table.load().spec(), null);
        }
        table.append(4);
        SavedTree whole = SavedTree.of(warehouse);
        TreeSet<String> found = new TreeSet<>();
        for (Path damaged : new TreeSet<>(table.reader().reachable())) {
            if (damaged.toString().endsWith(".json")) {
                continue;
            }
            byte[] bytes = Files.readAllBytes(damaged);
            for (int part = 0; part < PLACES; part++) {
                int from = (bytes.length - BYTES) * part / (PLACES - 1);
                byte[] other = bytes.clone();
                Arrays.fill(other, from, from + BYTES, (byte) 0x5a);
                Files.write(damaged, other);

                ActionResult result = verify(table);

                List<String> problems = result.findings().problems();
                assertThat(problems)
                        .as("%s from byte %d: %s", damaged, from, result)
                        .hasSizeLessThanOrEqualTo(1)
                        .allMatch(problem -> problem.contains(damaged.toString()));
                assertThat(result.reason() == Reason.VERIFIED).isEqualTo(problems.isEmpty());
                if (!problems.isEmpty()) {
                    found.add(kind(damaged));
                }
                whole.restore();
            }
        }
        assertThat(found)
                .isEqualTo(new TreeSet<>(
                        version == 2
                                ? List.of("list", "manifest", "parquet")
                                : List.of("list", "manifest", "parquet", "puffin")));
    }

    private static String kind(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("snap-")
                ? "list"
                : name.endsWith("-m0.avro") ? "manifest" : name.substring(name.lastIndexOf('.') + 1);
    }

    @Test
    void each_of_several_damaged_files_is_named() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        List<String> damaged = new ArrayList<>();
        for (int file = 0; file < 4; file++) {
            DataFile made = table.append(file);
            if (file % 2 == 0) {
                damaged.add(made.location());
            }
        }
        for (String location : damaged) {
            Path path = table.locate(location);
            byte[] bytes = Files.readAllBytes(path);
            Arrays.fill(bytes, bytes.length - BYTES, bytes.length, (byte) 0);
            Files.write(path, bytes);
        }

        List<String> problems = verify(table).findings().problems();

        assertThat(problems).hasSize(2);
        assertThat(damaged).allMatch(location -> problems.stream().anyMatch(problem -> problem.contains(location)));
    }

    /** A Parquet file says it in its footer; of an Avro file the rows are counted. */
    @ParameterizedTest
    @CsvSource({
        "parquet, 'The footer of %s contradicts other metadata: 3 rows, and 5 in the manifest'",
        "avro, '%s has 5 rows by its manifest, and 3 were read: it was cut, or is damaged'"
    })
    void a_file_that_holds_other_rows_than_its_manifest_says_is_named(String format, String problem)
            throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of("write.format.default", format));
        DataFile file = table.append(1, 2, 3);
        String copy = file.location().replace("." + format, "-copy." + format);
        Files.copy(table.locate(file.location()), table.locate(copy));
        table.load()
                .newAppend()
                .appendFile(DataFiles.builder(table.load().spec())
                        .copy(file)
                        .withPath(copy)
                        .withRecordCount(5)
                        .build())
                .commit();

        assertThat(verify(table).findings().problems())
                .singleElement()
                .asString()
                .startsWith(problem.formatted(copy));
    }

    private static ActionResult verify(PathTable table) {
        Subject subject = new Subject(
                "made.t", table.load().operations(), true, "01RUN", "host", Instant.now(), StopSignal.NEVER);
        Decision decision = new VerifyAction().plan(subject, new VerifyPolicy(Rows.ALL));
        return ((Decision.Stay) decision).result();
    }
}
