package io.sink.testing;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.VariantLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;

/**
 * Rows of a Parquet file as Parquet's own example reads them, in a form that depends on what is said and not on how it
 * is stored: lists and maps without layers, decimals, times and integers as numbers, floating point by its bits, all
 * that is bytes in hex; variants not at all. Fields have no names, since tables may spell them differently.
 */
public final class ExampleRows {
    private static final String NOTHING = "-";
    private static final BigInteger NANOS_OF_DAY = BigInteger.valueOf(86_400_000_000_000L);
    private static final long JULIAN_DAY_OF_EPOCH = 2_440_588;

    private ExampleRows() {}

    /** The rows, in the file's order, with the columns at these positions. */
    public static List<String> of(Path file, List<Integer> positions) throws IOException {
        List<String> rows = new ArrayList<>();
        try (ParquetReader<Group> reader =
                new ParquetReader.Builder<Group>(new LocalInputFile(file), new PlainParquetConfiguration()) {
                    @Override
                    protected ReadSupport<Group> getReadSupport() {
                        return new GroupReadSupport();
                    }
                }.build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                Group read = row;
                rows.add(positions.stream()
                        .map(position -> field(read, position))
                        .collect(Collectors.joining(" | ")));
            }
        }
        return rows;
    }

    private static String field(Group group, int field) {
        Type type = group.getType().getType(field);
        int count = group.getFieldRepetitionCount(field);
        if (type.isRepetition(Repetition.REPEATED)) {
            List<String> items = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                items.add(value(group, field, i));
            }
            return items.toString();
        }
        return count == 0 ? NOTHING : value(group, field, 0);
    }

    private static String value(Group group, int field, int index) {
        Type type = group.getType().getType(field);
        if (type.isPrimitive()) {
            return primitive(group, field, index, type.asPrimitiveType());
        }
        if (type.getLogicalTypeAnnotation() instanceof VariantLogicalTypeAnnotation) {
            // What a variant says has many layouts, and this reader knows none of them.
            return "variant";
        }
        Group inside = group.getGroup(field, index);
        LogicalTypeAnnotation kind = type.getLogicalTypeAnnotation();
        if (kind instanceof ListLogicalTypeAnnotation && type.asGroupType().getFieldCount() == 1) {
            return list(inside, type.asGroupType());
        }
        if (kind instanceof MapLogicalTypeAnnotation || kind instanceof MapKeyValueTypeAnnotation) {
            return map(inside);
        }
        return struct(inside);
    }

    private static String struct(Group group) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < group.getType().getFieldCount(); i++) {
            fields.add(field(group, i));
        }
        return fields.stream().collect(Collectors.joining(", ", "(", ")"));
    }

    private static String list(Group group, GroupType type) {
        Type repeated = type.getType(0);
        boolean itself = repeated.isPrimitive()
                || repeated.asGroupType().getFieldCount() != 1
                || repeated.getName().equals("array")
                || repeated.getName().equals(type.getName() + "_tuple");
        List<String> items = new ArrayList<>();
        for (int i = 0; i < group.getFieldRepetitionCount(0); i++) {
            items.add(itself ? value(group, 0, i) : field(group.getGroup(0, i), 0));
        }
        return items.toString();
    }

    private static String map(Group group) {
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < group.getFieldRepetitionCount(0); i++) {
            Group entry = group.getGroup(0, i);
            String value = entry.getType().getFieldCount() < 2 ? NOTHING : field(entry, 1);
            entries.add(field(entry, 0) + "=" + value);
        }
        return entries.stream().collect(Collectors.joining(", ", "{", "}"));
    }

    private static String primitive(Group group, int field, int index, PrimitiveType type) {
        LogicalTypeAnnotation said = type.getLogicalTypeAnnotation();
        return switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> Boolean.toString(group.getBoolean(field, index));
            case INT32 ->
                number(group.getInteger(field, index), said, Integer.toUnsignedLong(group.getInteger(field, index)));
            case INT64 -> number(group.getLong(field, index), said, group.getLong(field, index));
            case INT96 -> nanos(group.getInt96(field, index));
            case FLOAT -> {
                float value = group.getFloat(field, index);
                yield HexFormat.of().toHexDigits(Float.floatToRawIntBits(value));
            }
            case DOUBLE -> {
                double value = group.getDouble(field, index);
                yield HexFormat.of().toHexDigits(Double.doubleToRawLongBits(value));
            }
            case BINARY, FIXED_LEN_BYTE_ARRAY -> {
                byte[] bytes = group.getBinary(field, index).getBytes();
                yield said instanceof DecimalLogicalTypeAnnotation decimal
                        ? decimal(new BigInteger(bytes), decimal)
                        : HexFormat.of().formatHex(bytes);
            }
        };
    }

    private static String number(long value, LogicalTypeAnnotation said, long unsigned) {
        if (said instanceof DecimalLogicalTypeAnnotation decimal) {
            return decimal(BigInteger.valueOf(value), decimal);
        }
        if (said instanceof TimestampLogicalTypeAnnotation time) {
            return nanos(value, time.getUnit());
        }
        if (said instanceof TimeLogicalTypeAnnotation time) {
            return nanos(value, time.getUnit());
        }
        boolean negative = said instanceof IntLogicalTypeAnnotation whole && !whole.isSigned();
        return negative ? Long.toUnsignedString(unsigned) : Long.toString(value);
    }

    private static String decimal(BigInteger unscaled, DecimalLogicalTypeAnnotation decimal) {
        return new BigDecimal(unscaled, decimal.getScale()).toPlainString();
    }

    private static String nanos(long value, TimeUnit unit) {
        long factor = switch (unit) {
            case MILLIS -> 1_000_000;
            case MICROS -> 1_000;
            case NANOS -> 1;
        };
        return BigInteger.valueOf(value).multiply(BigInteger.valueOf(factor)).toString();
    }

    private static String nanos(Binary int96) {
        ByteBuffer bytes = int96.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        BigInteger ofDay = BigInteger.valueOf(bytes.getLong());
        return BigInteger.valueOf(bytes.getInt() - JULIAN_DAY_OF_EPOCH)
                .multiply(NANOS_OF_DAY)
                .add(ofDay)
                .toString();
    }
}
