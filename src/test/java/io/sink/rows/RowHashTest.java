package io.sink.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RowHashTest {
    private static final LocalDateTime STAMP = LocalDateTime.of(2024, 2, 29, 23, 59, 59, 123_456_000);

    /** Of each type values that differ in little. */
    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(Types.BooleanType.get(), List.of(false, true)),
                Arguments.of(Types.IntegerType.get(), List.of(0, 1, -1, Integer.MIN_VALUE)),
                Arguments.of(Types.LongType.get(), List.of(0L, 1L, -1L, 1L << 32, Long.MIN_VALUE)),
                Arguments.of(
                        Types.FloatType.get(),
                        List.of(0f, -0f, Float.MIN_VALUE, Float.NaN, Float.intBitsToFloat(0x7fc00001))),
                Arguments.of(
                        Types.DoubleType.get(),
                        List.of(0d, -0d, Double.MIN_VALUE, Double.NaN, Double.longBitsToDouble(0x7ff8000000000001L))),
                Arguments.of(
                        Types.DecimalType.of(38, 2),
                        List.of(
                                new BigDecimal("0.00"),
                                new BigDecimal("0.01"),
                                new BigDecimal("-0.01"),
                                new BigDecimal("92233720368547758.07"),
                                new BigDecimal("92233720368547758.08"),
                                new BigDecimal("-92233720368547758.08"),
                                new BigDecimal("-92233720368547758.09"))),
                Arguments.of(Types.DateType.get(), days()),
                Arguments.of(
                        Types.TimeType.get(),
                        List.of(LocalTime.MIDNIGHT, LocalTime.of(0, 0, 0, 1000), LocalTime.of(0, 0, 1))),
                Arguments.of(Types.TimestampType.withoutZone(), stamps()),
                Arguments.of(
                        Types.TimestampType.withZone(),
                        stamps().stream()
                                .map(time -> time.atOffset(ZoneOffset.UTC))
                                .toList()),
                Arguments.of(
                        Types.StringType.get(),
                        List.of("", "\0", "a", "b", "abcdefgh", "abcdefghi", "abcdefgh\0", "ä", "a\u0308", "😀")),
                Arguments.of(Types.UUIDType.get(), List.of(new UUID(0, 1), new UUID(1, 0))),
                Arguments.of(Types.FixedType.ofLength(2), List.of(new byte[] {0, 1}, new byte[] {1, 0})),
                Arguments.of(
                        Types.BinaryType.get(),
                        List.of(
                                ByteBuffer.wrap(new byte[0]),
                                ByteBuffer.wrap(new byte[1]),
                                ByteBuffer.wrap(new byte[8]),
                                ByteBuffer.wrap(new byte[9]))),
                Arguments.of(
                        Types.ListType.ofOptional(2, Types.IntegerType.get()),
                        List.of(List.of(), List.of(1, 2), List.of(2, 1), List.of(1), Collections.singletonList(null))),
                Arguments.of(
                        Types.MapType.ofOptional(2, 3, Types.IntegerType.get(), Types.IntegerType.get()),
                        List.of(Map.of(), Map.of(1, 2), Map.of(2, 1), Map.of(1, 1, 2, 2), Map.of(1, 2, 2, 1))),
                Arguments.of(pair(), List.of(pair(1, null), pair(null, 1), pair(null, null))));
    }

    private static List<LocalDate> days() {
        return Stream.of(
                        "1970-01-01",
                        "1969-12-31",
                        "2023-03-01",
                        "2024-02-29",
                        "2024-03-01",
                        "0000-01-01",
                        "-0001-01-01")
                .map(LocalDate::parse)
                .toList();
    }

    private static List<LocalDateTime> stamps() {
        return List.of(STAMP, STAMP.plusNanos(1000), STAMP.plusSeconds(1), STAMP.plusDays(1), STAMP.plusYears(1));
    }

    private static Types.StructType pair() {
        return Types.StructType.of(
                Types.NestedField.optional(2, "left", Types.IntegerType.get()),
                Types.NestedField.optional(3, "right", Types.IntegerType.get()));
    }

    private static Record pair(@Nullable Integer left, @Nullable Integer right) {
        Record pair = GenericRecord.create(pair());
        pair.setField("left", left);
        pair.setField("right", right);
        return pair;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    void different_values_have_different_fingerprints(Type type, List<Object> values) {
        List<@Nullable Object> all = new ArrayList<>(values);
        all.add(null);

        assertThat(all.stream().map(value -> hash(type, value))).doesNotHaveDuplicates();
        assertThat(all.stream().map(value -> hash(type, value)))
                .isEqualTo(all.stream().map(value -> hash(type, value)).toList());
    }

    @Test
    void the_same_instant_has_one_fingerprint_whatever_its_offset() {
        OffsetDateTime stamp = STAMP.atOffset(ZoneOffset.UTC);

        assertThat(hash(Types.TimestampType.withZone(), stamp.withOffsetSameInstant(ZoneOffset.ofHours(5))))
                .isEqualTo(hash(Types.TimestampType.withZone(), stamp));
    }

    private static Fingerprint hash(Type type, @Nullable Object value) {
        Schema schema = new Schema(Types.NestedField.optional(1, "value", type));
        Record row = GenericRecord.create(schema);
        row.set(0, value);
        return new RowHash(schema).of(row);
    }
}
