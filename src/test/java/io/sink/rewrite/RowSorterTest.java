package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowSorterTest {
    private static final int BYTES = 3_000;

    @TempDir
    Path directory;

    private Path spilled;
    private BaseTable table;
    private Schema schema;

    @BeforeEach
    void make_table() throws IOException {
        spilled = Files.createDirectory(directory.resolve("spilled"));
        table = PathTable.create(directory, "t", 2, Map.of()).load();
        table.replaceSortOrder().asc("id").commit();
        schema = table.schema();
    }

    @Test
    void leaves_nothing_in_the_temporary_directory() throws IOException {
        List<Long> sorted = new ArrayList<>();
        try (RowSorter sorter = sorter()) {
            new Random(1).longs(5_000, 0, 1_000).forEach(id -> sorter.add(row(id, "")));
            assertThat(files()).isGreaterThan(64);
            sorter.drain(placed -> sorted.add(placed.row().get(0, Long.class)));
        }

        assertThat(sorted).hasSize(5_000).isSorted();
        assertThat(spilled).isEmptyDirectory();
    }

    @Test
    void merges_inputs_that_are_sorted_already() throws IOException {
        List<Record> sorted = new ArrayList<>();
        try (RowSorter sorter = sorter()) {
            for (int input = 0; input < 3; input++) {
                for (int row = 0; row < 2_000; row++) {
                    sorter.add(row(row / 2, "input " + input));
                }
            }
            // A file for each input, of which the newest may not have been begun.
            assertThat(files()).isBetween(2L, 3L);
            sorter.drain(placed -> sorted.add(placed.row()));
        }

        assertThat(sorted).hasSize(6_000);
        assertThat(sorted)
                .isSortedAccordingTo(Comparator.<Record, Long>comparing(row -> row.get(0, Long.class))
                        .thenComparing(row -> row.get(1, String.class)));
    }

    private RowSorter sorter() {
        FileGroup none = new FileGroup(1, 0, false, List.of(), 1, 1);
        return new RowSorter(schema, new RowOrder(table, none, schema), BYTES, spilled, () -> false);
    }

    private Record row(long id, String text) {
        Record row = GenericRecord.create(schema);
        row.set(0, id);
        row.set(1, text);
        return row;
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.walk(spilled)) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}
