package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Reason;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredColumnsTest {
    private static final Type INT_LISTS =
            Types.ListType.ofRequired(2, Types.ListType.ofRequired(3, Types.IntegerType.get()));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int | optional int32 c (INTEGER(32,false)) | uint32",
                "long | optional int64 c (INTEGER(64,false)) | uint64",
                "int | optional int64 c | INT64",
                "long | optional int64 c (TIMESTAMP(MICROS,true)) | INT64 (TIMESTAMP(MICROS,true))",
                "date | optional int32 c | INT32",
                "int | optional int32 c (DATE) | INT32 (DATE)",
                "time | optional int64 c (TIME(NANOS,true)) | INT64 (TIME(NANOS,true))",
                "timestamp | optional int64 c | INT64",
                "timestamp | optional int64 c (TIMESTAMP(NANOS,false)) | INT64 (TIMESTAMP(NANOS,false))",
                "timestamp_ns | optional int64 c (TIMESTAMP(MICROS,false)) | INT64 (TIMESTAMP(MICROS,false))",
                "float | optional double c | DOUBLE",
                "float | optional fixed_len_byte_array(2) c (FLOAT16) | FIXED_LEN_BYTE_ARRAY (FLOAT16)",
                "decimal(9, 2) | optional int32 c (DECIMAL(9,3)) | INT32 (DECIMAL(9,3))",
                "decimal(9, 2) | optional int32 c | INT32",
                "binary | optional binary c (UTF8) | BINARY (STRING)",
                "uuid | optional fixed_len_byte_array(16) c | FIXED_LEN_BYTE_ARRAY",
                "fixed[4] | optional fixed_len_byte_array(5) c | FIXED_LEN_BYTE_ARRAY",
                "string | optional binary c (BSON) | BINARY (BSON)",
            })
    void what_is_not_known_to_be_read_alike_is_refused_by_name(String type, String column, String stored) {
        assertThat(refusal(Types.fromPrimitiveString(type), column + " = 1")).hasValueSatisfying(refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
            assertThat(refusal.detail())
                    .startsWith("column c of some/file is stored as " + stored)
                    .endsWith("and the table's column is " + type);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int | optional int32 c (INTEGER(8,false))",
                "long | optional int32 c (INTEGER(16,false))",
                "int | optional int32 c (INTEGER(8,true))",
                "long | optional int64 c (INTEGER(64,true))",
                "long | optional int32 c",
                "long | optional int32 c (INTEGER(32,false))",
                "timestamp | optional int96 c",
                "timestamptz | optional int96 c",
                "double | optional float c",
                "date | optional int32 c (DATE)",
                "time | optional int32 c (TIME(MILLIS,true))",
                "timestamp | optional int64 c (TIMESTAMP(MILLIS,true))",
                "timestamptz | optional int64 c (TIMESTAMP(MICROS,true))",
                "timestamp_ns | optional int64 c (TIMESTAMP(NANOS,false))",
                "decimal(9, 2) | optional binary c (DECIMAL(9,2))",
                "decimal(12, 2) | optional int32 c (DECIMAL(9,2))",
                "string | optional binary c",
                "string | optional binary c (ENUM)",
                "string | optional binary c (JSON)",
                "binary | optional binary c (BSON)",
                "uuid | optional fixed_len_byte_array(16) c (UUID)",
                "fixed[12] | optional fixed_len_byte_array(12) c (INTERVAL)",
            })
    void what_all_readers_agree_on_is_not(String type, String column) {
        assertThat(refusal(Types.fromPrimitiveString(type), column + " = 1")).isEmpty();
    }

    /** Who wrote the delete compared it with -1, or with 4294967295: nobody knows. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "long | optional int32 c (INTEGER(32,false)) | uint32",
                "timestamp | optional int96 c | INT96",
            })
    void what_is_put_right_is_refused_where_equality_deletes_compare_it(String type, String column, String stored) {
        assertThat(refusal(Types.fromPrimitiveString(type), column + " = 1", Set.of(1)))
                .hasValueSatisfying(refusal -> assertThat(refusal.detail())
                        .startsWith("column c of some/file is stored as " + stored)
                        .endsWith("and the table's column is " + type));
        assertThat(refusal(Types.fromPrimitiveString(type), column + " = 1", Set.of(2)))
                .isEmpty();
    }

    @Test
    void a_list_within_a_list_that_readers_take_apart_differently_is_refused() {
        assertThat(refusal(INT_LISTS, "optional group c (LIST) = 1 { repeated group array { repeated int32 array; } }"))
                .hasValueSatisfying(refusal -> assertThat(refusal.detail())
                        .startsWith("column c.array.array of some/file is stored as a list"));
        assertThat(refusal(
                        INT_LISTS,
                        "optional group c (LIST) = 1 { repeated group array (LIST) { repeated int32 array; } }"))
                .isPresent();
        assertThat(refusal(Types.IntegerType.get(), "repeated int32 c = 1")).isPresent();
    }

    @Test
    void lists_and_maps_in_the_layouts_that_are_common_are_not() {
        assertThat(refusal(
                        INT_LISTS,
                        "optional group c (LIST) = 1 { repeated group list { optional group element (LIST) = 2 {"
                                + " repeated group list { optional int32 element = 3; } } } }"))
                .isEmpty();
        assertThat(refusal(
                        Types.ListType.ofRequired(2, Types.IntegerType.get()),
                        "optional group c (LIST) = 1 { repeated int32 array = 2; }"))
                .isEmpty();
        assertThat(refusal(
                        Types.MapType.ofOptional(2, 3, Types.StringType.get(), Types.IntegerType.get()),
                        "optional group c (MAP) = 1 { repeated group map (MAP_KEY_VALUE) {"
                                + " required binary key (UTF8) = 2; optional int32 value = 3; } }"))
                .isEmpty();
    }

    @Test
    void columns_that_the_table_does_not_have_may_be_anything() {
        assertThat(refusal(Types.LongType.get(), "optional int64 c = 1; optional int64 d (INTEGER(64,false)) = 7"))
                .isEmpty();
        assertThat(refusal(Types.LongType.get(), "optional int64 c = 1; optional int64 d (INTEGER(64,false))"))
                .isEmpty();
    }

    private static Optional<Refusal> refusal(Type type, String columns) {
        return refusal(type, columns, Set.of());
    }

    private static Optional<Refusal> refusal(Type type, String columns, Set<Integer> keys) {
        Schema rows = new Schema(NestedField.optional(1, "c", type));
        return StoredColumns.refuse(
                rows,
                MessageTypeParser.parseMessageType("message m { " + columns + (columns.endsWith("}") ? " }" : "; }")),
                "some/file",
                keys);
    }
}
