package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Reason;
import java.util.Optional;
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
                "optional int32 c (INTEGER(32,false)) = 1 | uint32",
                "optional int64 c (INTEGER(64,false)) = 1 | uint64",
                "optional int64 c (TIME(NANOS,true)) = 1 | a time in nanoseconds",
                "optional fixed_len_byte_array(2) c (FLOAT16) = 1 | float16",
            })
    void what_iceberg_reads_as_something_else_or_not_at_all_is_refused_by_name(String column, String why) {
        assertThat(refusal(Types.LongType.get(), column)).hasValueSatisfying(refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
            assertThat(refusal.detail()).startsWith("column c of some/file is stored as " + why);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "optional int32 c (INTEGER(8,false)) = 1",
                "optional int32 c (INTEGER(16,false)) = 1",
                "optional int32 c (INTEGER(8,true)) = 1",
                "optional int64 c (INTEGER(64,true)) = 1",
                "optional int64 c (TIMESTAMP(MILLIS,true)) = 1",
            })
    void what_all_readers_agree_on_is_not(String column) {
        assertThat(refusal(Types.LongType.get(), column)).isEmpty();
    }

    @Test
    void int96_is_refused_where_the_table_has_no_time_zone_alone() {
        assertThat(refusal(Types.TimestampType.withoutZone(), "optional int96 c = 1"))
                .hasValueSatisfying(refusal -> assertThat(refusal.detail()).contains("stored as INT96"));
        assertThat(refusal(Types.TimestampType.withZone(), "optional int96 c = 1"))
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
        Schema rows = new Schema(NestedField.optional(1, "c", type));
        return StoredColumns.refuse(
                rows,
                MessageTypeParser.parseMessageType("message m { " + columns + (columns.endsWith("}") ? " }" : "; }")),
                "some/file");
    }
}
