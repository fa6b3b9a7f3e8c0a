package io.sink.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which values of a file may stand in a column of the output, and as what. */
class WideningTest {
    private static final PrimitiveType INT = type(PrimitiveTypeName.INT32, 0, null);
    private static final PrimitiveType LONG = type(PrimitiveTypeName.INT64, 0, null);

    private static PrimitiveType type(PrimitiveTypeName name, int length, @Nullable LogicalTypeAnnotation as) {
        var type = Types.optional(name);
        return (length > 0 ? type.length(length) : type).as(as).named("column");
    }

    private static PrimitiveType decimal(int precision, int scale) {
        return type(PrimitiveTypeName.INT32, 0, LogicalTypeAnnotation.decimalType(scale, precision));
    }

    private static PrimitiveType moment(boolean utc, TimeUnit unit) {
        return type(PrimitiveTypeName.INT64, 0, LogicalTypeAnnotation.timestampType(utc, unit));
    }

    @Test
    void the_same_type_stays() {
        assertThat(Widening.of(INT, INT)).isEqualTo(Widening.NONE);
        assertThat(Widening.of(decimal(9, 2), decimal(9, 2))).isEqualTo(Widening.NONE);
    }

    @Test
    void a_length_counts_only_where_values_have_one() {
        assertThat(Widening.of(type(PrimitiveTypeName.INT32, 4, null), INT)).isEqualTo(Widening.NONE);
        fails(
                type(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY, 4, null),
                type(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY, 8, null));
    }

    @Test
    void integers_and_reals_are_widened() {
        PrimitiveType unsigned = type(PrimitiveTypeName.INT32, 0, LogicalTypeAnnotation.intType(32, false));

        assertThat(Widening.of(INT, LONG)).isEqualTo(Widening.SIGNED);
        assertThat(Widening.of(unsigned, LONG)).isEqualTo(Widening.UNSIGNED);
        assertThat(Widening.of(type(PrimitiveTypeName.FLOAT, 0, null), type(PrimitiveTypeName.DOUBLE, 0, null)))
                .isEqualTo(Widening.REAL);
    }

    @Test
    void a_scale_a_unit_and_a_sign_are_not_lost() {
        fails(decimal(9, 2), decimal(9, 3));
        fails(decimal(9, 2), INT);
        fails(moment(true, TimeUnit.MILLIS), moment(true, TimeUnit.MICROS));
        fails(type(PrimitiveTypeName.INT32, 0, LogicalTypeAnnotation.intType(32, false)), INT);
        fails(LONG, INT);
    }

    private static void fails(PrimitiveType from, PrimitiveType to) {
        assertThatThrownBy(() -> Widening.of(from, to))
                .isInstanceOf(DifferentEntriesException.class)
                .hasMessageContaining("are no values of type");
    }
}
