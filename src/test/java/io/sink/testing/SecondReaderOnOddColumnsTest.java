package io.sink.testing;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.variants.ShreddedObject;
import org.apache.iceberg.variants.Variant;
import org.apache.iceberg.variants.VariantMetadata;
import org.apache.iceberg.variants.Variants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second reader on columns that Iceberg's generic reader gets wrong or shows otherwise. */
class SecondReaderOnOddColumnsTest {
    private static final Schema MAPPED = new Schema(
            optional(1, "a", Types.IntegerType.get()),
            optional(2, "b", Types.IntegerType.get()),
            optional(3, "st", Types.StructType.of(optional(4, "x", Types.StringType.get()))),
            optional(5, "l", Types.ListType.ofOptional(6, Types.IntegerType.get())));

    @TempDir
    Path directory;

    private LocalTables tables;

    @BeforeEach
    void open() {
        tables = new LocalTables(directory);
    }

    @AfterEach
    void close() {
        tables.close();
    }

    @Test
    void columns_without_field_ids_are_found_by_the_name_mapping() throws IOException, SQLException {
        Table table = tables.create("mapped", MAPPED, 2);
        table.updateProperties()
                .set(TableProperties.DEFAULT_NAME_MAPPING, NameMappingParser.toJson(MappingUtil.create(table.schema())))
                .commit();
        table.updateSchema().renameColumn("a", "renamed").commit();

        appendWithoutIds(table);

        assertThat(LocalTables.reader(table).rows())
                .containsExactly("{\"renamed\":\"1\",\"b\":\"2\",\"st\":{\"x\":\"in\"},\"l\":[\"3\",null]}");
    }

    @Test
    void columns_without_field_ids_and_without_a_mapping_are_refused() throws IOException, SQLException {
        Table table = tables.create("unmapped", MAPPED, 2);

        appendWithoutIds(table);

        assertThatThrownBy(() -> LocalTables.reader(table).rows())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("no field ids");
    }

    @Test
    void variants_and_geometries_have_a_canonical_form() throws IOException {
        Schema schema =
                new Schema(optional(1, "v", Types.VariantType.get()), optional(2, "g", Types.GeometryType.crs84()));
        Table table = tables.create("odd", schema, 3);
        ByteBuffer point = ByteBuffer.allocate(21).order(ByteOrder.LITTLE_ENDIAN);
        point.put((byte) 1).putInt(1).putDouble(1.5).putDouble(-2).flip();
        VariantMetadata names = Variants.metadata("n", "s");
        ShreddedObject object = Variants.object(names);
        object.put("n", Variants.of(5));
        object.put("s", Variants.of("x"));
        GenericRecord full = GenericRecord.create(schema);
        full.setField("v", Variant.of(names, object));
        full.setField("g", point);

        new TableChanges(table).append(List.of(full, GenericRecord.create(schema)));

        assertThat(LocalTables.reader(table).rows())
                .containsExactly(
                        "{\"_row_id\":\"0\",\"_last_updated_sequence_number\":\"1\",\"v\":{\"n\":5,\"s\":\"x\"},"
                                + "\"g\":\"0101000000000000000000f83f00000000000000c0\"}",
                        "{\"_row_id\":\"1\",\"_last_updated_sequence_number\":\"1\",\"v\":null,\"g\":null}");
    }

    /** Appends a file whose columns are in another order than the table's, as a file import would. */
    private void appendWithoutIds(Table table) throws IOException, SQLException {
        Path file = directory.resolve("imported.parquet");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("COPY (SELECT [3, NULL] l, 2 b, {'y': 1, 'x': 'in'} st, 1 a) TO '" + file + "'");
        }
        table.newFastAppend()
                .appendFile(DataFiles.builder(table.spec())
                        .withPath(file.toString())
                        .withFileSizeInBytes(Files.size(file))
                        .withRecordCount(1)
                        .build())
                .commit();
    }
}
