package io.sink.compact;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Values of any type, from small sets, so that rows repeat and deletes hit: nulls, NaN, both zeroes, odd text. */
public final class AnyValues {
    private static final double[] NUMBERS = {0.0, -0.0, Double.NaN, 1.5, Double.NEGATIVE_INFINITY, Double.MIN_VALUE};
    private static final String[] TEXTS = {
        "", "a", "tab\tline\n\"quote\"", "épsilon", "𝄞clef", "a longer text, over 16"
    };

    private final Random random;

    public AnyValues(Random random) {
        this.random = random;
    }

    public Record row(Types.StructType type) {
        GenericRecord row = GenericRecord.create(type);
        for (int i = 0; i < type.fields().size(); i++) {
            row.set(i, of(type.fields().get(i)));
        }
        return row;
    }

    private @Nullable Object of(Types.NestedField field) {
        boolean none = field.type().typeId() == Type.TypeID.UNKNOWN || (field.isOptional() && random.nextInt(5) == 0);
        return none ? null : value(field.type());
    }

    private Object value(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> random.nextBoolean();
            case INTEGER -> random.nextInt(7);
            case LONG -> random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(7);
            case FLOAT -> (float) NUMBERS[random.nextInt(NUMBERS.length)];
            case DOUBLE -> NUMBERS[random.nextInt(NUMBERS.length)];
            case DATE -> LocalDate.ofEpochDay(random.nextInt(90) - 45);
            case TIME -> LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000L) * 1000);
            case TIMESTAMP -> time(((Types.TimestampType) type).shouldAdjustToUTC(), random.nextInt(1_000_000) * 1000);
            case TIMESTAMP_NANO ->
                time(((Types.TimestampNanoType) type).shouldAdjustToUTC(), random.nextInt(1_000_000_000));
            case STRING -> TEXTS[random.nextInt(TEXTS.length)];
            case UUID -> new UUID(random.nextInt(3), random.nextInt(3));
            case FIXED -> bytes(((Types.FixedType) type).length());
            case BINARY -> ByteBuffer.wrap(bytes(random.nextInt(6)));
            case GEOMETRY -> point();
            case DECIMAL ->
                new BigDecimal(BigInteger.valueOf(random.nextInt(9) - 4), ((Types.DecimalType) type).scale());
            case STRUCT -> row(type.asStructType());
            case LIST -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    list.add(of(type.asListType().fields().get(0)));
                }
                yield list;
            }
            case MAP -> {
                Map<Object, @Nullable Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    map.put(
                            value(type.asMapType().keyType()),
                            of(type.asMapType().fields().get(1)));
                }
                yield map;
            }
            default -> throw new IllegalArgumentException("No values of type " + type);
        };
    }

    private Object time(boolean zoned, int nanos) {
        OffsetDateTime time = Instant.ofEpochSecond(random.nextInt(4_000_000) - 1_000_000, nanos)
                .atOffset(ZoneOffset.UTC);
        return zoned ? time : time.toLocalDateTime();
    }

    private ByteBuffer point() {
        return ByteBuffer.allocate(21)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .putInt(1)
                .putDouble(random.nextInt(180))
                .putDouble(random.nextInt(90))
                .flip();
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
