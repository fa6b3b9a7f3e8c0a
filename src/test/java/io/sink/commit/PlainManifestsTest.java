package io.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.TableProperties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainManifestsTest {
    @TempDir
    Path warehouse;

    private PathTable table;
    private List<String> rows;

    @BeforeEach
    void make() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2);
        table.append(3);
        rows = table.reader().rows();
    }

    @Test
    void a_table_whose_list_is_not_compressed_gets_no_compressed_ones() throws IOException {
        plain(list());

        compact();

        assertThat(codec(list())).isEqualTo("null");
        assertThat(added()).isNotEmpty().allSatisfy(manifest -> {
            Path file = table.locate(manifest.path());
            assertThat(codec(file)).isEqualTo("null");
            assertThat(file).hasSize(manifest.length());
        });
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    @Test
    void every_other_table_gets_what_iceberg_writes() throws IOException {
        compact();

        assertThat(codec(list())).isEqualTo("deflate");
        assertThat(added())
                .isNotEmpty()
                .allSatisfy(manifest ->
                        assertThat(codec(table.locate(manifest.path()))).isEqualTo("deflate"));
    }

    @Test
    void a_codec_that_the_table_sets_for_its_manifests_is_taken() throws IOException {
        table.load()
                .updateProperties()
                .set(TableProperties.MANIFEST_COMPRESSION, "zstd")
                .commit();
        plain(list());

        compact();

        assertThat(codec(list())).isEqualTo("null");
        assertThat(added())
                .isNotEmpty()
                .allSatisfy(manifest ->
                        assertThat(codec(table.locate(manifest.path()))).isEqualTo("zstandard"));
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    private void compact() {
        ActionResult result = Compacting.small().execute(table.load().operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
    }

    private Path list() {
        return table.locate(table.load().currentSnapshot().manifestListLocation());
    }

    private List<ManifestFile> added() {
        BaseTable loaded = table.load();
        long id = table.currentSnapshot();
        return loaded.currentSnapshot().allManifests(loaded.io()).stream()
                .filter(manifest -> manifest.snapshotId() == id)
                .toList();
    }

    private static String codec(Path file) throws IOException {
        try (DataFileStream<GenericRecord> in =
                new DataFileStream<>(Files.newInputStream(file), new GenericDatumReader<>())) {
            return in.getMetaString(DataFileConstants.CODEC);
        }
    }

    /** As icebird writes it. */
    private static void plain(Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DataFileStream<GenericRecord> in = new DataFileStream<>(
                        new ByteArrayInputStream(Files.readAllBytes(file)), new GenericDatumReader<>());
                DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>())) {
            writer.setCodec(CodecFactory.nullCodec());
            for (String key : in.getMetaKeys()) {
                if (!DataFileWriter.isReservedMeta(key)) {
                    writer.setMeta(key, in.getMeta(key));
                }
            }
            writer.create(in.getSchema(), out);
            for (GenericRecord record : in) {
                writer.append(record);
            }
        }
        Files.write(file, out.toByteArray());
    }
}
