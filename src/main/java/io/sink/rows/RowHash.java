package io.sink.rows;

import java.math.BigDecimal;
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

    private final Types.StructType type;

    /** @param schema the schema of the rows to hash */
    public RowHash(Schema schema) {
        this.type = schema.asStruct();
    }

    /** The fingerprint of one row of the schema. */
    public Fingerprint of(StructLike row) {
        Hash128 hash = new Hash128();
        addStruct(hash, type, row);
        return hash.finish();
    }

    private void add(Hash128 hash, Types.NestedField field, @Nullable Object value) {
        hash.add(field.fieldId());
        if (value == null) {
            hash.add(NULL);
            return;
        }
        Type type = field.type();
        switch (type.typeId()) {
            case STRUCT -> addStruct(hash, type.asStructType(), (StructLike) value);
            case LIST -> {
                List<?> list = (List<?>) value;
                hash.add(list.size());
                Types.NestedField element = type.asListType().fields().get(0);
                list.forEach(item -> add(hash, element, item));
            }
            case MAP -> addMap(hash, type.asMapType(), (Map<?, ?>) value);
            case VARIANT -> VariantHash.add(hash, ((Variant) value).value());
            default -> addPrimitive(hash, value);
        }
    }

    private void addStruct(Hash128 hash, Types.StructType type, StructLike struct) {
        List<Types.NestedField> fields = type.fields();
        for (int i = 0; i < fields.size(); i++) {
            add(hash, fields.get(i), struct.get(i, Object.class));
        }
    }

    private void addMap(Hash128 hash, Types.MapType type, Map<?, ?> map) {
        Fingerprint entries = Fingerprint.NONE;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Hash128 pair = new Hash128();
            add(pair, type.fields().get(0), entry.getKey());
            add(pair, type.fields().get(1), entry.getValue());
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
            hash.add(decimal.scale());
            hash.add(ByteBuffer.wrap(decimal.unscaledValue().toByteArray()));
        } else if (value instanceof Boolean bool) {
            hash.add(bool ? 1 : 2);
        } else if (value instanceof CharSequence text) {
            hash.add(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
        } else if (value instanceof ByteBuffer bytes) {
            hash.add(bytes);
        } else if (value instanceof byte[] bytes) {
            hash.add(ByteBuffer.wrap(bytes));
        } else if (value instanceof UUID uuid) {
            hash.add(uuid.getMostSignificantBits());
            hash.add(uuid.getLeastSignificantBits());
        } else {
            addTime(hash, value);
        }
    }

    private static void addTime(Hash128 hash, Object value) {
        if (value instanceof LocalDate date) {
            hash.add(date.toEpochDay());
        } else if (value instanceof LocalTime time) {
            hash.add(time.toNanoOfDay());
        } else if (value instanceof LocalDateTime stamp) {
            hash.add(stamp.toEpochSecond(ZoneOffset.UTC));
            hash.add(stamp.getNano());
        } else if (value instanceof OffsetDateTime stamp) {
            hash.add(stamp.toEpochSecond());
            hash.add(stamp.getNano());
        } else {
            throw new IllegalArgumentException("No hash for a value of " + value.getClass());
        }
    }
}
