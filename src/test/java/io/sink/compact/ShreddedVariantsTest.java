package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ForeignFiles;
import io.sink.testing.OtherWriter;
import io.sink.testing.OtherWriter.Footer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.variants.ShreddedObject;
import org.apache.iceberg.variants.VariantMetadata;
import org.apache.iceberg.variants.Variants;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects of variants of which some fields are shredded and others are not: a field may stand in one place alone. */
class ShreddedVariantsTest {
    private static final String OBJECT = "required binary metadata; optional binary value; optional group typed_value {"
            + " required group a { optional binary value; optional int32 typed_value; } }";
    private static final MessageType TOP = MessageTypeParser.parseMessageType(
            "message m { required int32 id; optional group v (VARIANT(1)) { " + OBJECT + " } }");
    private static final MessageType IN_A_LIST = MessageTypeParser.parseMessageType(
            "message m { required int32 id; optional group v (LIST) { repeated group list {"
                    + " optional group element (VARIANT(1)) { " + OBJECT + " } } } }");

    private static final VariantMetadata NAMES = Variants.metadata("a", "b");

    @TempDir
    Path folder;

    @Test
    void an_object_that_is_shredded_in_part_keeps_its_fields() throws Exception {
        BaseTable table = table(TOP, object("b", 7), 5);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
            assertThat(rows)
                    .hasSize(3)
                    .allSatisfy(row -> assertThat(row.toString())
                            .contains("a: Variant(type=INT32, value=5)", "b: Variant(type=INT8, value=7)"));
        }
    }

    /** Iceberg reads no field a where it is missing among the shredded ones, and others read the 7. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothing_is_committed_where_a_field_stands_in_two_places(boolean inList) throws Exception {
        BaseTable table = table(inList ? IN_A_LIST : TOP, object("a", 7), null);
        List<Path> before = live(table);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail())
                .contains("column v", ".parquet has a variant whose field a is both shredded")
                .doesNotContain("cannot be read");
        assertThat(live(table)).isEqualTo(before);
        try (var files = Files.list(before.get(0).getParent())) {
            assertThat(files).hasSameSizeAs(before);
        }
    }

    private BaseTable table(MessageType schema, ShreddedObject others, @Nullable Integer shredded) throws IOException {
        Group row = new SimpleGroup(schema).append("id", 1);
        Group variant = schema == TOP
                ? row.addGroup("v")
                : row.addGroup("v").addGroup("list").addGroup("element");
        ByteBuffer metadata = ByteBuffer.allocate(NAMES.sizeInBytes()).order(ByteOrder.LITTLE_ENDIAN);
        NAMES.writeTo(metadata, 0);
        ByteBuffer value = ByteBuffer.allocate(others.sizeInBytes()).order(ByteOrder.LITTLE_ENDIAN);
        others.writeTo(value, 0);
        variant.add("metadata", Binary.fromConstantByteArray(metadata.array()));
        variant.add("value", Binary.fromConstantByteArray(value.array()));
        Group field = variant.addGroup("typed_value").addGroup("a");
        if (shredded != null) {
            field.add("typed_value", shredded);
        }
        Path file = folder.resolve("variants.parquet");
        new OtherWriter(CompressionCodecName.ZSTD, false, false, false, 100, 100, false, Footer.TRUE)
                .write(file, schema, List.of(row));
        return ForeignFiles.register(
                new LocalFileIO(), Files.createDirectories(folder.resolve("t")).toString(), file, 3);
    }

    private static ShreddedObject object(String name, int value) {
        ShreddedObject object = Variants.object(NAMES);
        object.put(name, Variants.of((byte) value));
        return object;
    }

    private static List<Path> live(BaseTable table) throws IOException {
        List<Path> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }
}
