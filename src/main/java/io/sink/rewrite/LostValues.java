package io.sink.rewrite;

import io.sink.table.DamagedFileException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Looks for values that a format would change.
 *
 * <ul>
 *   <li>ORC stores seconds, truncated towards zero, apart from their fraction. The last second before 1970, except its
 *       first millisecond, therefore comes back one second later. And ORC stores nanoseconds in every column, even if
 *       the table's column has microseconds.
 *   <li>ORC's writers, and those of Parquet that {@link ExactParquet} does not replace, write one NaN for all.
 * </ul>
 *
 * @ref LLP 0008#stored-columns
 */
final class LostValues {
    private static final int MILLISECOND = 1_000_000;
    private static final long NAN = Double.doubleToRawLongBits(Double.NaN);
    private static final int NARROW_NAN = Float.floatToRawIntBits(Float.NaN);

    private final Schema rows;
    private final boolean read;
    private final boolean written;
    private final boolean oneNan;
    private final List<Column> columns = new ArrayList<>();

    private record Column(int position, Consumer<Object> look) {}

    /**
     * @param rows the schema of the rows
     * @param read whether some of them are read from ORC
     * @param written the format that they are written in
     */
    LostValues(Schema rows, boolean read, FileFormat written) {
        this.rows = rows;
        this.read = read;
        this.written = written == FileFormat.ORC;
        this.oneNan = this.written || written == FileFormat.PARQUET && !ExactParquet.writes(rows);
        for (int i = 0; i < rows.columns().size(); i++) {
            Consumer<Object> look = look(rows.columns().get(i));
            if (look != null) {
                columns.add(new Column(i, look));
            }
        }
    }

    /**
     * Looks at one row.
     *
     * @throws DamagedFileException if a value of it would change
     */
    void check(StructLike row) {
        for (Column column : columns) {
            Object value = row.get(column.position(), Object.class);
            if (value != null) {
                column.look().accept(value);
            }
        }
    }

    private @Nullable Consumer<Object> look(Types.NestedField field) {
        Type type = field.type();
        return switch (type.typeId()) {
            case TIMESTAMP -> read || written ? value -> at(field, instant(value), read) : null;
            case TIMESTAMP_NANO -> written ? value -> at(field, instant(value), false) : null;
            case FLOAT -> oneNan ? value -> number(field, (Float) value) : null;
            case DOUBLE -> oneNan ? value -> number(field, (Double) value) : null;
            case STRUCT -> {
                List<Types.NestedField> fields = type.asStructType().fields();
                List<@Nullable Consumer<Object>> looks = new ArrayList<>();
                fields.forEach(inner -> looks.add(look(inner)));
                yield looks.stream().allMatch(inner -> inner == null) ? null : value -> each((StructLike) value, looks);
            }
            case LIST -> {
                Consumer<Object> element = look(type.asListType().fields().get(0));
                yield element == null ? null : value -> each((Collection<?>) value, element);
            }
            case MAP -> {
                Consumer<Object> key = look(type.asMapType().fields().get(0));
                Consumer<Object> of = look(type.asMapType().fields().get(1));
                yield key == null && of == null
                        ? null
                        : value -> {
                            each(((Map<?, ?>) value).keySet(), key);
                            each(((Map<?, ?>) value).values(), of);
                        };
            }
            default -> null;
        };
    }

    private static void each(StructLike struct, List<@Nullable Consumer<Object>> looks) {
        for (int i = 0; i < looks.size(); i++) {
            Consumer<Object> look = looks.get(i);
            Object value = look == null ? null : struct.get(i, Object.class);
            if (look != null && value != null) {
                look.accept(value);
            }
        }
    }

    private static void each(Collection<?> values, @Nullable Consumer<Object> look) {
        if (look != null) {
            for (Object value : values) {
                if (value != null) {
                    look.accept(value);
                }
            }
        }
    }

    private static Instant instant(Object value) {
        return value instanceof LocalDateTime local
                ? local.toInstant(ZoneOffset.UTC)
                : ((OffsetDateTime) value).toInstant();
    }

    private void number(Types.NestedField field, float value) {
        if (Float.isNaN(value) && Float.floatToRawIntBits(value) != NARROW_NAN) {
            throw lostNan(field, "0x%08x".formatted(Float.floatToRawIntBits(value)));
        }
    }

    private void number(Types.NestedField field, double value) {
        if (Double.isNaN(value) && Double.doubleToRawLongBits(value) != NAN) {
            throw lostNan(field, "0x%016x".formatted(Double.doubleToRawLongBits(value)));
        }
    }

    private DamagedFileException lostNan(Types.NestedField field, String bits) {
        return lost(field, "NaN with the bits " + bits, "the writer has only one NaN, and would write that");
    }

    private void at(Types.NestedField field, Instant instant, boolean micros) {
        if (micros && instant.getNano() % 1000 != 0) {
            throw lost(field, instant, "an ORC file stores its nanoseconds, which the column does not keep");
        }
        if (written && instant.getEpochSecond() == -1 && instant.getNano() >= MILLISECOND) {
            throw lost(field, instant, "ORC would keep it as one second later: write the table in another format");
        }
    }

    private DamagedFileException lost(Types.NestedField field, Object value, String why) {
        return new DamagedFileException(
                "column %s has a value of %s: %s".formatted(rows.findColumnName(field.fieldId()), value, why));
    }
}
