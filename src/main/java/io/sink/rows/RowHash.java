package io.sink.rows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.variants.Variant;
import org.jspecify.annotations.Nullable;

/**
 * Hashes rows in Iceberg's generic representation with all nested values, each with the id of its field. Floating-point
 * numbers are hashed by their bits, so that -0.0 differs from 0.0 and NaNs differ; maps regardless of the order of
 * their entries; variants by their values and not by how they are stored.
 */
public final class RowHash {
    private static final long NULL = 0x6e756c6cL;

    private final Struct root;

    /** @param schema the schema of the rows to hash */
    public RowHash(Schema schema) {
        this.root = new Struct(schema.asStruct());
    }

    /** The fingerprint of one row of the schema. */
    public Fingerprint of(StructLike row) {
        Hash128 hash = new Hash128();
        root.add(hash, row);
        return hash.finish();
    }

    /** What is done with the values of one type, found once and not for each row. */
    @FunctionalInterface
    private interface Values {
        void add(Hash128 hash, Object value);
    }

    private static Values of(Type type) {
        return switch (type.typeId()) {
            case STRUCT -> new Struct(type.asStructType());
            case LIST -> {
                Field element = new Field(type.asListType().fields().get(0));
                yield (hash, value) -> addList(hash, element, (List<?>) value);
            }
            case MAP -> {
                Field key = new Field(type.asMapType().fields().get(0));
                Field item = new Field(type.asMapType().fields().get(1));
                yield (hash, value) -> addMap(hash, key, item, (Map<?, ?>) value);
            }
            case VARIANT -> (hash, value) -> VariantHash.add(hash, ((Variant) value).value());
            case INTEGER, LONG -> (hash, value) -> hash.add(((Number) value).longValue());
            case DOUBLE -> (hash, value) -> hash.add(Double.doubleToRawLongBits((Double) value));
            case STRING -> (hash, value) -> addText(hash, (CharSequence) value);
            case DECIMAL -> (hash, value) -> addDecimal(hash, (BigDecimal) value);
            case DATE -> (hash, value) -> hash.add(day((LocalDate) value));
            default -> RowHash::addPrimitive;
        };
    }

    private static final class Field {
        private final int id;
        private final Values values;

        Field(Types.NestedField field) {
            this.id = field.fieldId();
            this.values = RowHash.of(field.type());
        }

        void add(Hash128 hash, @Nullable Object value) {
            hash.add(id);
            if (value == null) {
                hash.add(NULL);
            } else {
                values.add(hash, value);
            }
        }
    }

    private static final class Struct implements Values {
        private final Field[] fields;

        Struct(Types.StructType type) {
            this.fields = type.fields().stream().map(Field::new).toArray(Field[]::new);
        }

        @Override
        public void add(Hash128 hash, Object value) {
            StructLike struct = (StructLike) value;
            for (int i = 0; i < fields.length; i++) {
                fields[i].add(hash, struct.get(i, Object.class));
            }
        }
    }

    private static void addList(Hash128 hash, Field element, List<?> list) {
        hash.add(list.size());
        list.forEach(item -> element.add(hash, item));
    }

    private static void addMap(Hash128 hash, Field key, Field item, Map<?, ?> map) {
        Fingerprint entries = Fingerprint.NONE;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Hash128 pair = new Hash128();
            key.add(pair, entry.getKey());
            item.add(pair, entry.getValue());
            entries = entries.plus(pair.finish());
        }
        hash.add(map.size());
        hash.add(entries.high());
        hash.add(entries.low());
    }

    /** Adds a value that is not a struct, list, map or variant. */
    static void addPrimitive(Hash128 hash, Object value) {
        if (value instanceof Float number) {
            hash.add(Float.floatToRawIntBits(number));
        } else if (value instanceof Double number) {
            hash.add(Double.doubleToRawLongBits(number));
        } else if (value instanceof Number number && !(value instanceof BigDecimal)) {
            hash.add(number.longValue());
        } else if (value instanceof BigDecimal decimal) {
            addDecimal(hash, decimal);
        } else if (value instanceof Boolean bool) {
            hash.add(bool ? 1 : 2);
        } else if (value instanceof CharSequence text) {
            addText(hash, text);
        } else if (value instanceof ByteBuffer bytes) {
            hash.add(bytes);
        } else if (value instanceof byte[] bytes) {
            hash.add(bytes);
        } else if (value instanceof UUID uuid) {
            hash.add(uuid.getMostSignificantBits());
            hash.add(uuid.getLeastSignificantBits());
        } else {
            addTime(hash, value);
        }
    }

    private static void addText(Hash128 hash, CharSequence text) {
        hash.add(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void addDecimal(Hash128 hash, BigDecimal decimal) {
        hash.add(decimal.scale());
        BigInteger unscaled = decimal.unscaledValue();
        if (unscaled.bitLength() < Long.SIZE) {
            hash.add(unscaled.longValue());
        } else {
            hash.add(unscaled.toByteArray());
        }
    }

    private static void addTime(Hash128 hash, Object value) {
        if (value instanceof LocalDate date) {
            hash.add(day(date));
        } else if (value instanceof LocalTime time) {
            hash.add(time.toNanoOfDay());
        } else if (value instanceof LocalDateTime stamp) {
            addStamp(hash, stamp);
        } else if (value instanceof OffsetDateTime stamp) {
            addStamp(hash, stamp.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
        } else {
            throw new IllegalArgumentException("No hash for a value of " + value.getClass());
        }
    }

    private static void addStamp(Hash128 hash, LocalDateTime stamp) {
        hash.add(day(stamp.toLocalDate()));
        hash.add(stamp.toLocalTime().toNanoOfDay());
    }

    /** Another number for each day; to count the days since 1970 takes longer. */
    private static long day(LocalDate date) {
        return ((long) date.getYear() << 16) + (date.getMonthValue() << 8) + date.getDayOfMonth();
    }
}
