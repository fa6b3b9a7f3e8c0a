package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableRef;
import io.sink.testing.BoundedRun;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.SavedTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables on which runs were at work when they died. */
class UnfinishedTablesTest {
    private static final TableRef TABLE = new TableRef("lake", List.of("web"), "events");
    private static final TableRef OTHER = new TableRef("lake", List.of("web"), "clicks");

    /** In JSON less than what metadata may have, and in memory more than there is. */
    private static final int DEADLY_OBJECTS = 5_000_000;

    private static final Instant BEGIN = Instant.parse("2026-11-30T02:00:00Z");

    @TempDir
    Path directory;

    private Instant now = BEGIN;

    @Test
    void is_none_where_runs_come_to_their_end() {
        try (UnfinishedTables run = open()) {
            run.begin(TABLE);
            run.end(TABLE, true);
            run.begin(OTHER);
        }

        assertThat(files().get("lake")).isEmptyFile();
    }

    @Test
    void is_the_one_that_was_at_work_and_no_other() {
        die(OTHER, TABLE);

        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isTrue();
            assertThat(run.isSuspect(OTHER)).isFalse();
            assertThat(run.refusal(TABLE)).isNull();
        }
    }

    @Test
    void is_left_alone_after_a_second_death_and_for_seven_days() {
        die(TABLE);
        now = now.plus(Duration.ofDays(1));
        die(TABLE);

        assertThat(refusal()).contains("2 runs on this host died", "2026-12-01T02:00:00Z", "2026-12-08T02:00:00Z");
        now = now.plus(Duration.ofDays(7));
        assertThat(refusal()).isNull();
        die(TABLE);
        assertThat(refusal()).contains("3 runs");
    }

    @Test
    void is_forgotten_once_a_run_has_come_past_it() {
        die(TABLE);
        try (UnfinishedTables run = open()) {
            run.begin(TABLE);
            run.end(TABLE, false);
        }
        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).as("it was only looked at").isTrue();
            run.begin(TABLE);
            run.end(TABLE, true);
        }

        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isFalse();
        }
    }

    @Test
    void is_not_read_for_others_where_reading_it_was_deadly_twice() {
        for (int night = 0; night < 2; night++) {
            try (UnfinishedTables run = open()) {
                assertThat(run.isUnread(TABLE)).as("once is no reason").isFalse();
            }
            UnfinishedTables dies = open();
            dies.begin(OTHER);
            dies.loaded(OTHER);
            dies.begin(TABLE);
        }

        try (UnfinishedTables run = open()) {
            assertThat(run.isUnread(TABLE)).isTrue();
            assertThat(run.isUnread(OTHER)).isFalse();
            assertThat(run.isSuspect(OTHER)).isTrue();
        }
    }

    @Test
    void is_forgotten_by_the_command_that_died_at_it_alone() {
        die(TABLE);
        try (UnfinishedTables other = UnfinishedTables.of(files(), "expire", clock())) {
            assertThat(other.isSuspect(TABLE)).isFalse();
            other.begin(TABLE);
            other.end(TABLE, true);
        }

        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isTrue();
        }
    }

    @Test
    void is_noted_though_the_thread_was_interrupted() {
        try (UnfinishedTables run = open()) {
            Thread.currentThread().interrupt();
            run.begin(TABLE);
            run.end(TABLE, true);
            assertThat(Thread.interrupted()).isTrue();
            run.begin(OTHER);
        }

        assertThat(files().get("lake")).isEmptyFile();
    }

    @Test
    void one_that_was_given_up_stays_so_though_its_thread_ends_later() {
        try (UnfinishedTables run = open()) {
            run.begin(TABLE);
            run.gaveUp(TABLE);
            run.end(TABLE, true);
        }

        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isTrue();
        }
    }

    @Test
    void a_clock_that_was_wrong_is_no_reason() {
        now = BEGIN.plus(Duration.ofDays(3650));
        die(TABLE);
        die(TABLE);
        now = BEGIN;

        assertThat(refusal()).isNull();
    }

    @Test
    void stays_at_work_while_another_table_asks_for_it() {
        UnfinishedTables dies = open();
        dies.begin(TABLE);
        dies.begin(TABLE);
        dies.end(TABLE, false);

        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isTrue();
        }
    }

    @Test
    void one_that_was_given_up_comes_last_and_is_tried_however_often() {
        for (int night = 0; night < 3; night++) {
            try (UnfinishedTables run = open()) {
                run.begin(TABLE);
                run.gaveUp(TABLE);
            }
        }
        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isTrue();
            assertThat(run.refusal(TABLE)).isNull();
            run.begin(TABLE);
            run.end(TABLE, true);
        }

        assertThat(files().get("lake")).isEmptyFile();
    }

    @Test
    void is_forgotten_after_a_month() {
        die(TABLE);
        now = now.plus(Duration.ofDays(31));

        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isFalse();
        }
    }

    @Test
    void is_not_known_from_a_run_that_is_at_work() {
        try (UnfinishedTables run = open()) {
            run.begin(TABLE);

            assertThat(UnfinishedTables.asTheyAre(files(), "maintain", clock()).isSuspect(TABLE))
                    .isFalse();
        }
    }

    @Test
    void is_read_as_far_as_the_file_is_whole() throws IOException {
        die(TABLE);
        Path file = files().get("lake");
        Files.writeString(
                file,
                "{\"table\":\"lake.web.clicks\",\"deaths\":[\"yesterday\"]}\n" + Files.readString(file)
                        + "{\"table\":\"lake.web.cli");

        try (UnfinishedTables run = open()) {
            assertThat(run.isSuspect(TABLE)).isTrue();
            assertThat(run.isSuspect(OTHER)).isFalse();
        }
    }

    @Test
    void a_table_that_takes_all_memory_keeps_the_others_from_being_maintained_once() throws Exception {
        Path warehouse = Files.createDirectory(directory.resolve("w"));
        for (String name : List.of("a-sound", "m-deadly", "z-sound")) {
            PathTable table = PathTable.create(warehouse, name, 2, Map.of());
            table.append(1);
            table.append(2);
            table.append(3);
            if (name.equals("m-deadly")) {
                claimGigabytes(table.load());
            }
        }

        assertThat(BoundedRun.maintain(directory, List.of()).exit()).isEqualTo(BoundedRun.OUT_OF_MEMORY);
        assertThat(isMaintained(warehouse, "z-sound")).isFalse();

        assertThat(BoundedRun.maintain(directory, List.of()).exit()).isEqualTo(BoundedRun.OUT_OF_MEMORY);
        assertThat(isMaintained(warehouse, "z-sound")).isTrue();

        SavedTree before = SavedTree.of(directory);
        BoundedRun dry = BoundedRun.maintain(directory, List.of("--dry-run"));
        assertThat(dry.reasons()).containsEntry("m-deadly", Set.of("runs-died"));
        assertThat(before.files()).filteredOn(file -> !before.intact(file)).allMatch(this::isOutput);

        BoundedRun third = BoundedRun.maintain(directory, List.of());
        assertThat(third.reasons())
                .containsEntry("m-deadly", Set.of("runs-died"))
                .hasSize(3);
        assertThat(third.exit()).as(third.errors()).isEqualTo(20);

        assertThat(BoundedRun.maintain(directory, List.of("paths.m-deadly")).exit())
                .as("it was asked for by name")
                .isEqualTo(BoundedRun.OUT_OF_MEMORY);
        for (String name : List.of("a-sound", "z-sound")) {
            assertThat(PathWarehouse.local(warehouse).reader(name).rows()).hasSize(3);
        }
    }

    @Test
    void a_table_whose_metadata_takes_all_memory_is_not_read_for_those_that_share_a_place() throws Exception {
        Path warehouse = Files.createDirectory(directory.resolve("w"));
        List<String> sharing = List.of("a-shared", "z-shared");
        for (String name : sharing) {
            PathTable table = PathTable.create(
                    warehouse,
                    name,
                    2,
                    Map.of("write.data.path", directory.resolve("shared").toString()));
            table.append(1);
            table.replace(2);
            table.append(3);
        }
        Path metadata = Files.createDirectories(warehouse.resolve("m-deadly/metadata"));
        Files.writeString(metadata.resolve("v1.metadata.json"), "{\"a\":[" + "{},".repeat(DEADLY_OBJECTS) + "{}]}");

        assertThat(BoundedRun.maintain(directory, List.of()).exit()).isEqualTo(BoundedRun.OUT_OF_MEMORY);
        assertThat(BoundedRun.maintain(directory, List.of()).exit()).isEqualTo(BoundedRun.OUT_OF_MEMORY);
        BoundedRun third = BoundedRun.maintain(directory, List.of());
        for (String name : sharing) {
            assertThat(isMaintained(warehouse, name)).as(name).isTrue();
        }

        assertThat(third.exit()).as(third.errors()).isEqualTo(20);
        assertThat(third.reasons())
                .containsEntry("m-deadly", Set.of("runs-died"))
                .hasSize(3);
        for (String name : sharing) {
            assertThat(third.reasons().get(name)).doesNotContain("runs-died");
            assertThat(PathWarehouse.local(warehouse).reader(name).rows()).hasSize(2);
        }
    }

    /** What {@link BoundedRun} writes, beside the program. */
    private boolean isOutput(Path file) {
        return directory.equals(file.getParent());
    }

    /** Whether a table that three commits were made to has more of them. */
    private static boolean isMaintained(Path warehouse, String name) {
        return Files.exists(warehouse.resolve(name).resolve("metadata/v5.metadata.json"));
    }

    /** Appends an Avro file of a few bytes with a block that claims to have two gigabytes. */
    private static void claimGigabytes(Table table) throws IOException {
        Path file = Path.of(table.location(), "data", "claims.avro");
        Schema schema = SchemaBuilder.record("row")
                .fields()
                .name("id")
                .prop("field-id", 1)
                .type(Schema.create(Schema.Type.LONG))
                .noDefault()
                .endRecord();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
            writer.create(schema, bytes);
            writer.flush();
            BinaryEncoder block = EncoderFactory.get().directBinaryEncoder(bytes, null);
            block.writeLong(1);
            block.writeLong(2_000_000_000);
            block.writeBytes(ByteBuffer.allocate(100));
            block.flush();
        }
        Files.write(file, bytes.toByteArray());
        table.newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(file.toString())
                        .withFormat(FileFormat.AVRO)
                        .withFileSizeInBytes(bytes.size())
                        .withRecordCount(1)
                        .build())
                .commit();
    }

    /** A run that comes past the first tables, and dies while it is at work on the last. */
    private void die(TableRef... tables) {
        UnfinishedTables run = open();
        for (int i = 0; i < tables.length; i++) {
            run.begin(tables[i]);
            if (i < tables.length - 1) {
                run.end(tables[i], true);
            }
        }
    }

    private @Nullable String refusal() {
        try (UnfinishedTables run = open()) {
            return run.refusal(TABLE);
        }
    }

    private UnfinishedTables open() {
        return UnfinishedTables.of(files(), "maintain", clock());
    }

    private InstantSource clock() {
        return () -> now;
    }

    private Map<String, Path> files() {
        return Map.of("lake", directory.resolve("lake.unfinished"));
    }
}
