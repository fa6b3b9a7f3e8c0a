package io.sink.testing;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
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

/** Records of any schema with values that are easy to get wrong: nulls, NaN, both zeroes, extremes, odd text. */
public final class AnyRecords {
    private static final double[] DOUBLES = {0.0, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, Double.MIN_VALUE};
    private static final String[] TEXTS = {"", "plain", "tab\tline\n\"quote\"", "épsilon", "𝄞clef", "back\\slash"};

    private final Random random;

    AnyRecords(long seed) {
        this(new Random(seed));
    }

    public AnyRecords(Random random) {
        this.random = random;
    }

    /** As many records of the type. */
    public List<Record> records(Types.StructType type, int count) {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(struct(type));
        }
        return records;
    }

    private Record struct(Types.StructType type) {
        GenericRecord record = GenericRecord.create(type);
        for (int i = 0; i < type.fields().size(); i++) {
            Types.NestedField field = type.fields().get(i);
            record.set(i, field.isOptional() ? maybe(field.type()) : value(field.type()));
        }
        return record;
    }

    private @Nullable Object maybe(Type type) {
        return type.typeId() == Type.TypeID.UNKNOWN || random.nextInt(5) == 0 ? null : value(type);
    }

    private Object value(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> random.nextBoolean();
            case INTEGER -> random.nextInt(3) == 0 ? random.nextInt(3) : random.nextInt();
            case LONG -> random.nextInt(3) == 0 ? (long) random.nextInt(3) : random.nextLong();
            case FLOAT -> (float) number();
            case DOUBLE -> number();
            case DATE -> LocalDate.ofEpochDay(random.nextInt(60_000) - 30_000);
            case TIME -> LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000L) * 1000);
            case TIMESTAMP -> time(((Types.TimestampType) type).shouldAdjustToUTC(), random.nextInt(1_000_000) * 1000);
            case TIMESTAMP_NANO ->
                time(((Types.TimestampNanoType) type).shouldAdjustToUTC(), random.nextInt(1_000_000_000));
            case STRING -> TEXTS[random.nextInt(TEXTS.length)];
            case UUID -> new UUID(random.nextLong(), random.nextLong());
            case FIXED -> bytes(((Types.FixedType) type).length());
            case BINARY -> ByteBuffer.wrap(bytes(random.nextInt(6)));
            case DECIMAL -> {
                Types.DecimalType decimal = (Types.DecimalType) type;
                yield new BigDecimal(
                        new BigInteger(decimal.precision() * 3, random).subtract(BigInteger.TEN), decimal.scale());
            }
            case STRUCT -> struct(type.asStructType());
            case LIST -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    list.add(maybe(type.asListType().elementType()));
                }
                yield list;
            }
            case MAP -> {
                Map<Object, @Nullable Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    map.put(
                            value(type.asMapType().keyType()),
                            maybe(type.asMapType().valueType()));
                }
                yield map;
            }
            default -> throw new IllegalArgumentException("No values of type " + type);
        };
    }

    private double number() {
        return random.nextBoolean() ? DOUBLES[random.nextInt(DOUBLES.length)] : random.nextGaussian() * 1e6;
    }

    private Object time(boolean zoned, int nanos) {
        LocalDateTime local =
                LocalDateTime.ofEpochSecond(random.nextLong(4_000_000_000L) - 1_000_000_000L, nanos, ZoneOffset.UTC);
        return zoned ? local.atOffset(ZoneOffset.UTC) : local;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
