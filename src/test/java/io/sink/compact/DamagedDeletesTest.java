package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.Compacting;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A delete file that says of itself what its manifest does not: no row comes back, and none goes. */
class DamagedDeletesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rows_that_a_footer_no_longer_counts_do_not_come_back(boolean byPosition) throws IOException {
        for (long rows : new long[] {0, 1}) {
            SmallTable small = SmallTable.plain(folder.resolve("t" + rows + byPosition), 2);
            DataFile data = small.append(1, 200);
            small.append(2, 30);
            if (byPosition) {
                small.deletePositions(data, 3L, 5L, 7L);
            } else {
                small.deleteEqual(2, "text 7");
                small.deleteEqual(2, "text 8");
            }
            Path file = deleteFile(small);
            countRows(file, rows);

            ActionResult compacted = Compacting.small().execute(operations(small));
            ActionResult dangling = Acting.removingDanglingDeletes().execute(operations(small));

            if (!byPosition && rows == 1) {
                // Which is what it has.
                assertThat(compacted.reason()).isEqualTo(Reason.COMPACTED);
                continue;
            }
            assertThat(compacted.reason()).as("%s %s", rows, compacted).isEqualTo(Reason.REWRITE_ERROR);
            assertThat(compacted.detail()).contains(file.getFileName().toString(), "by its manifest");
            assertThat(dangling.committedSnapshotId()).as(dangling.toString()).isNull();
        }
    }

    @Test
    void a_page_header_that_is_none_is_damage_and_no_failure_of_the_storage() throws IOException {
        SmallTable small = SmallTable.plain(folder.resolve("t"), 2);
        DataFile data = small.append(1, 200);
        small.append(2, 30);
        small.deletePositions(data, 3L);
        Path file = deleteFile(small);
        byte[] bytes = Files.readAllBytes(file);
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(bytes, bytes.length - 8 - length, length));
        long pages =
                footer.getRow_groups().get(0).getColumns().get(1).getMeta_data().getData_page_offset();
        Arrays.fill(bytes, (int) pages, (int) pages + 4, (byte) 0xff);
        Files.write(file, bytes);

        ActionResult result = Compacting.small().execute(operations(small));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains(file.toString());
    }

    @Test
    void a_position_beyond_every_file_is_damage_and_takes_no_memory() {
        SmallTable small = SmallTable.plain(folder.resolve("t"), 2);
        DataFile data = small.append(1, 200);
        small.append(2, 30);
        small.table
                .newRowDelta()
                .addDeletes(small.files.positionDeletes(
                        Map.of(data.location(), Set.of((1L << 36) + 1)),
                        small.files.spec(data.specId()),
                        data.partition()))
                .commit();

        ActionResult result = Compacting.small().execute(operations(small));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains("it deletes the row at position " + ((1L << 36) + 1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void more_rows_than_the_manifest_says_are_not_kept(boolean byPosition) {
        SmallTable small = SmallTable.plain(folder.resolve("t"), 2);
        DataFile data = small.append(1, 200);
        small.append(2, 30);
        Record key = GenericRecord.create(small.table.schema().select("id"));
        List<Record> keys = new ArrayList<>();
        for (int id = 1; id < 6; id++) {
            keys.add(key.copy("id", id));
        }
        DeleteFile honest = byPosition
                ? small.files.positionDeletes(
                        Map.of(data.location(), Set.of(1L, 2L, 3L, 4L)),
                        small.files.spec(data.specId()),
                        data.partition())
                : small.files.equalityDeletes(
                        keys, small.table.schema().select("id"), small.files.spec(data.specId()), data.partition());
        FileMetadata.Builder less = FileMetadata.deleteFileBuilder(small.files.spec(data.specId()))
                .copy(honest)
                .withRecordCount(2);
        small.table
                .newRowDelta()
                .addDeletes(
                        byPosition ? less.build() : less.ofEqualityDeletes(1).build())
                .commit();

        ActionResult result = Compacting.small().execute(operations(small));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains(honest.location() + " has 2 rows by its manifest, and more than that");
    }

    @Test
    void a_delete_file_of_another_data_file_than_its_manifest_says_is_named() {
        SmallTable small = SmallTable.plain(folder.resolve("t"), 2);
        DataFile data = small.append(1, 200);
        small.append(2, 30);
        DeleteFile honest = small.files.positionDeletes(
                Map.of(data.location(), Set.of(1L)), small.files.spec(data.specId()), data.partition());
        small.table
                .newRowDelta()
                .addDeletes(FileMetadata.deleteFileBuilder(small.files.spec(data.specId()))
                        .copy(honest)
                        .withReferencedDataFile("main")
                        .build())
                .commit();

        ActionResult result = Compacting.small().execute(operations(small));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail())
                .contains(honest.location() + " deletes rows of " + data.location()
                        + ", and by its manifest those of main alone");
    }

    @Test
    void an_equality_delete_of_no_columns_is_named() {
        SmallTable small = SmallTable.plain(folder.resolve("t"), 2);
        DataFile data = small.append(1, 200);
        small.append(2, 30);
        small.table
                .newRowDelta()
                .addDeletes(FileMetadata.deleteFileBuilder(small.files.spec(data.specId()))
                        .ofEqualityDeletes()
                        .withPath(data.location())
                        .withFileSizeInBytes(data.fileSizeInBytes())
                        .withRecordCount(200)
                        .build())
                .commit();

        ActionResult result = Compacting.small().execute(operations(small));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains(data.location() + " deletes rows by columns, and its manifest names none");
    }

    private static TableOperations operations(SmallTable small) {
        return ((BaseTable) small.table).operations();
    }

    private static Path deleteFile(SmallTable small) {
        return Path.of(SnapshotChanges.builderFor(small.table)
                .build()
                .addedDeleteFiles()
                .iterator()
                .next()
                .location());
    }

    /** Has the footer say that there are so many rows, in the file and in its row group. */
    private static void countRows(Path path, long rows) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        int from = bytes.length - 8 - length;
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(bytes, from, length));
        footer.setNum_rows(rows);
        List.copyOf(footer.getRow_groups()).forEach(group -> group.setNum_rows(rows));
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(Arrays.copyOf(bytes, from));
        Util.writeFileMetaData(footer, changed);
        int written = changed.size() - from;
        changed.write(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(written)
                .array());
        changed.write(new byte[] {'P', 'A', 'R', '1'});
        Files.write(path, changed.toByteArray());
    }
}
