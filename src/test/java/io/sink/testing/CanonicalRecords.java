package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Iceberg's generic records in the form of {@link RowSql}, to hold the second reader against Iceberg's own. */
final class CanonicalRecords {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private CanonicalRecords() {}

    /**
     * The records' columns of this schema as sorted lines.
     *
     * <p>The schema must be said: where deletes apply, Iceberg's records have a column {@code _pos} that nobody asked
     * for.
     */
    static List<String> lines(Schema schema, Iterable<Record> records) {
        List<String> lines = new ArrayList<>();
        records.forEach(record -> lines.add(struct(schema.asStruct(), record).toString()));
        lines.sort(Comparator.naturalOrder());
        return lines;
    }

    private static ObjectNode struct(Types.StructType type, Record record) {
        ObjectNode object = JSON.objectNode();
        for (Types.NestedField field : type.fields()) {
            object.set(field.name(), value(field.type(), record.getField(field.name())));
        }
        return object;
    }

    private static JsonNode value(Type type, @Nullable Object value) {
        if (value == null) {
            return NullNode.instance;
        }
        return switch (type.typeId()) {
            case BOOLEAN -> BooleanNode.valueOf((Boolean) value);
            case FLOAT -> text(bits((Float) value));
            case DOUBLE -> text(bits((Double) value));
            case DATE -> text(Long.toString(((LocalDate) value).toEpochDay()));
            case TIME -> text(Long.toString(((LocalTime) value).toNanoOfDay() / 1000));
            case TIMESTAMP -> text(sinceEpoch(ChronoUnit.MICROS, value));
            case TIMESTAMP_NANO -> text(sinceEpoch(ChronoUnit.NANOS, value));
            case FIXED -> text(HexFormat.of().formatHex((byte[]) value));
            case BINARY -> text(HexFormat.of().formatHex(bytes((ByteBuffer) value)));
            case DECIMAL -> text(((BigDecimal) value).toPlainString());
            case STRUCT -> struct(type.asStructType(), (Record) value);
            case LIST -> {
                ArrayNode array = JSON.arrayNode();
                ((List<?>) value)
                        .forEach(item -> array.add(value(type.asListType().elementType(), item)));
                yield array;
            }
            case MAP -> pairs(type.asMapType(), (Map<?, ?>) value);
            default -> text(value.toString());
        };
    }

    private static ArrayNode pairs(Types.MapType type, Map<?, ?> map) {
        List<ArrayNode> pairs = new ArrayList<>();
        map.forEach((key, value) ->
                pairs.add(JSON.arrayNode().add(value(type.keyType(), key)).add(value(type.valueType(), value))));
        pairs.sort(Comparator.comparing(ArrayNode::toString));
        return JSON.arrayNode().addAll(pairs);
    }

    private static TextNode text(String value) {
        return TextNode.valueOf(value);
    }

    private static String bits(float value) {
        return Float.isNaN(value) ? "nan" : HexFormat.of().toHexDigits(Float.floatToRawIntBits(value));
    }

    private static String bits(double value) {
        return Double.isNaN(value) ? "nan" : HexFormat.of().toHexDigits(Double.doubleToRawLongBits(value));
    }

    private static String sinceEpoch(ChronoUnit unit, Object time) {
        OffsetDateTime offset =
                time instanceof LocalDateTime local ? local.atOffset(ZoneOffset.UTC) : (OffsetDateTime) time;
        return Long.toString(unit.between(OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC), offset));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
