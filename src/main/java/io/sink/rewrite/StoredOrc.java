package io.sink.rewrite;

import io.sink.outcome.Reason;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.orc.ORCSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.orc.ColumnStatistics;
import org.apache.orc.DateColumnStatistics;
import org.apache.orc.TimestampColumnStatistics;
import org.apache.orc.TypeDescription;
import org.apache.orc.TypeDescription.Category;
import org.jspecify.annotations.Nullable;

/**
 * Refuses columns of ORC files that Iceberg's reader may misread: every stored type that is not known to be read as
 * stored.
 *
 * @ref LLP 0008#stored-columns
 */
final class StoredOrc {
    private static final LocalDate CALENDAR_CHANGED = LocalDate.of(1582, 10, 15);
    private static final String LENGTH = "iceberg.length";

    private final Schema rows;
    private final OrcHead head;
    private final String file;

    private StoredOrc(Schema rows, OrcHead head, String file) {
        this.rows = rows;
        this.head = head;
        this.file = file;
    }

    /**
     * Why Iceberg would not read the file's values as they are stored; empty if it does.
     *
     * @param rows the columns that are read
     * @param stored the file's schema, with field ids
     */
    static Optional<Refusal> refuse(Schema rows, TypeDescription stored, OrcHead head, String file) {
        return new StoredOrc(rows, head, file).children(stored);
    }

    private Optional<Refusal> children(TypeDescription type) {
        List<TypeDescription> children = type.getChildren() == null ? List.of() : type.getChildren();
        return children.stream().map(this::column).flatMap(Optional::stream).findFirst();
    }

    private Optional<Refusal> column(TypeDescription stored) {
        String id = stored.getAttributeValue(OrcHead.ID);
        Types.NestedField column = id == null ? null : rows.findField(Integer.parseInt(id));
        if (column == null) {
            return Optional.empty();
        }
        if (!isReadAlike(column.type(), stored)) {
            return refuse(column, "is stored as %s %s".formatted(stored, stored.getAttributeNames()));
        }
        LocalDate first = head.proleptic() ? earliest(stored) : null;
        if (first != null && first.isBefore(CALENDAR_CHANGED)) {
            return refuse(
                    column, "holds days before 1582-10-15 in the proleptic Gregorian calendar, which Iceberg shifts");
        }
        return children(stored);
    }

    private static boolean isReadAlike(Type wanted, TypeDescription stored) {
        Category category = stored.getCategory();
        String binary = stored.getAttributeValue(ORCSchemaUtil.ICEBERG_BINARY_TYPE_ATTRIBUTE);
        return switch (wanted.typeId()) {
            case BOOLEAN -> category == Category.BOOLEAN;
            case INTEGER -> category == Category.BYTE || category == Category.SHORT || category == Category.INT;
            case LONG -> category == Category.INT || category == Category.LONG && !isTime(stored);
            case TIME -> category == Category.LONG && isTime(stored);
            case FLOAT -> category == Category.FLOAT;
            case DOUBLE -> category == Category.FLOAT || category == Category.DOUBLE;
            case DATE -> category == Category.DATE;
            case TIMESTAMP ->
                category
                        == (((Types.TimestampType) wanted).shouldAdjustToUTC()
                                ? Category.TIMESTAMP_INSTANT
                                : Category.TIMESTAMP);
            case TIMESTAMP_NANO ->
                category
                        == (((Types.TimestampNanoType) wanted).shouldAdjustToUTC()
                                ? Category.TIMESTAMP_INSTANT
                                : Category.TIMESTAMP);
            case DECIMAL ->
                category == Category.DECIMAL
                        && stored.getScale() == ((Types.DecimalType) wanted).scale()
                        && stored.getPrecision() <= ((Types.DecimalType) wanted).precision();
            case STRING -> category == Category.STRING || category == Category.VARCHAR;
            case UUID -> category == Category.BINARY && "UUID".equals(binary);
            case FIXED ->
                category == Category.BINARY
                        && "FIXED".equals(binary)
                        && Integer.toString(((Types.FixedType) wanted).length())
                                .equals(stored.getAttributeValue(LENGTH));
            case BINARY -> category == Category.BINARY && (binary == null || "BINARY".equals(binary));
            case STRUCT -> category == Category.STRUCT;
            case LIST -> category == Category.LIST;
            case MAP -> category == Category.MAP;
            case UNKNOWN -> true;
            default -> false;
        };
    }

    private static boolean isTime(TypeDescription stored) {
        return "TIME".equals(stored.getAttributeValue(ORCSchemaUtil.ICEBERG_LONG_TYPE_ATTRIBUTE));
    }

    /** The day of the column's lowest value; null if it is unknown, or values are not days. */
    private @Nullable LocalDate earliest(TypeDescription stored) {
        ColumnStatistics[] all = head.statistics();
        ColumnStatistics said = stored.getId() < all.length ? all[stored.getId()] : null;
        if (said instanceof DateColumnStatistics days && days.getNumberOfValues() > 0) {
            return LocalDate.ofEpochDay(days.getMinimumDayOfEpoch());
        }
        if (said instanceof TimestampColumnStatistics times && times.getMinimumUTC() != null) {
            return LocalDate.ofInstant(
                    Instant.ofEpochMilli(times.getMinimumUTC().getTime()), ZoneOffset.UTC);
        }
        return null;
    }

    private Optional<Refusal> refuse(Types.NestedField column, String why) {
        return Support.refuse(
                Reason.UNSUPPORTED_FEATURE,
                "column %s of %s %s, and the table's column is %s"
                        .formatted(rows.findColumnName(column.fieldId()), file, why, column.type()));
    }
}
