package io.sink.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;

/** Schemas as other writers make them, with old lists and maps and every annotation, and rows of them. */
public final class AnyForeignRows {
    private static final List<String> LEAVES = List.of(
            "boolean %s",
            "int32 %s",
            "int32 %s (INTEGER(8,true))",
            "int32 %s (INTEGER(16,true))",
            "int32 %s (INTEGER(8,false))",
            "int32 %s (INTEGER(16,false))",
            "int32 %s (INTEGER(32,false))",
            "int64 %s",
            "int64 %s (INTEGER(64,true))",
            "float %s",
            "double %s",
            "int96 %s",
            "binary %s",
            "binary %s (UTF8)",
            "binary %s (ENUM)",
            "fixed_len_byte_array(5) %s",
            "fixed_len_byte_array(16) %s (UUID)",
            "int32 %s (DATE)",
            "int64 %s (TIME(MICROS,false))",
            "int64 %s (TIMESTAMP(MILLIS,false))",
            "int64 %s (TIMESTAMP(MICROS,true))",
            "int64 %s (TIMESTAMP(NANOS,false))",
            "int32 %s (DECIMAL(9,2))",
            "int64 %s (DECIMAL(18,3))",
            "fixed_len_byte_array(9) %s (DECIMAL(20,4))",
            "binary %s (DECIMAL(20,4))");

    private final Random random;

    public AnyForeignRows(Random random) {
        this.random = random;
    }

    /** A message with a required {@code id}, which is the row's number, and a few columns more. */
    public MessageType schema() {
        StringBuilder text = new StringBuilder("message m { required int32 id; ");
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            text.append(column("c" + i));
        }
        return MessageTypeParser.parseMessageType(text + "}");
    }

    private String column(String name) {
        String repetition = random.nextInt(4) == 0 ? "required " : "optional ";
        return switch (random.nextInt(8)) {
            case 0 -> repetition + "group " + name + " { " + leaf("a") + leaf("b") + "}\n";
            case 1 ->
                repetition + "group " + name + " (LIST) { repeated group " + (random.nextBoolean() ? "list" : "bag")
                        + " { " + leaf(random.nextBoolean() ? "element" : "array_element") + "} }\n";
            case 2 -> repetition + "group " + name + " (LIST) { repeated " + one("array") + "; }\n";
            case 3 ->
                repetition + "group " + name + " (LIST) { repeated group "
                        + (random.nextBoolean() ? "array" : name + "_tuple") + " { " + leaf("a") + leaf("b") + "} }\n";
            case 4 ->
                repetition + "group " + name + " (MAP) { repeated group " + (random.nextBoolean() ? "key_value" : "map")
                        + " { required binary key (UTF8); " + leaf("value") + "} }\n";
            default -> repetition + one(name) + ";\n";
        };
    }

    private String one(String name) {
        return LEAVES.get(random.nextInt(LEAVES.size())).formatted(name);
    }

    private String leaf(String name) {
        return (random.nextInt(3) == 0 ? "required " : "optional ") + one(name) + "; ";
    }

    /** Rows of the schema; of some columns every value is null. */
    public List<Group> rows(MessageType schema, int count) {
        List<Integer> none = new ArrayList<>();
        for (int field = 1; field < schema.getFieldCount(); field++) {
            if (random.nextInt(4) == 0) {
                none.add(field);
            }
        }
        List<Group> rows = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            Group row = new SimpleGroup(schema).append("id", id);
            for (int field = 1; field < schema.getFieldCount(); field++) {
                if (!none.contains(field) || schema.getType(field).isRepetition(Repetition.REQUIRED)) {
                    fill(row, schema, field);
                }
            }
            rows.add(row);
        }
        return rows;
    }

    private void fill(Group into, GroupType type, int field) {
        Type column = type.getType(field);
        boolean keyed = type.getFieldName(0).equals("key") && field == 0;
        int times = column.isRepetition(Repetition.REPEATED)
                ? random.nextInt(4)
                : column.isRepetition(Repetition.OPTIONAL) && random.nextInt(3) == 0 ? 0 : 1;
        for (int i = 0; i < times; i++) {
            if (!column.isPrimitive()) {
                Group inner = into.addGroup(field);
                for (int child = 0; child < column.asGroupType().getFieldCount(); child++) {
                    fill(inner, column.asGroupType(), child);
                }
            } else if (keyed) {
                into.add(field, "k" + into.hashCode() + random.nextLong());
            } else {
                value(into, field, column.asPrimitiveType());
            }
        }
    }

    private void value(Group into, int field, PrimitiveType type) {
        switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> into.add(field, random.nextBoolean());
            case INT32 -> into.add(field, int32(type));
            case INT64 -> into.add(field, int64(type));
            case FLOAT -> into.add(field, random.nextInt(9) == 0 ? Float.NaN : some(random.nextFloat()));
            case DOUBLE -> into.add(field, random.nextInt(9) == 0 ? -0.0 : random.nextGaussian());
            case INT96 -> into.add(field, int96());
            case BINARY, FIXED_LEN_BYTE_ARRAY -> into.add(field, bytes(type));
        }
    }

    private float some(float value) {
        return random.nextInt(5) == 0 ? Float.NEGATIVE_INFINITY : value;
    }

    private int int32(PrimitiveType type) {
        LogicalTypeAnnotation said = type.getLogicalTypeAnnotation();
        int any = random.nextInt(3) == 0 ? random.nextInt(4) : random.nextInt();
        if (said instanceof IntLogicalTypeAnnotation number && number.getBitWidth() < Integer.SIZE) {
            int shift = Integer.SIZE - number.getBitWidth();
            return number.isSigned() ? any << shift >> shift : any << shift >>> shift;
        }
        if (said instanceof IntLogicalTypeAnnotation || said == null) {
            return any;
        }
        return any % 99_999;
    }

    private long int64(PrimitiveType type) {
        LogicalTypeAnnotation said = type.getLogicalTypeAnnotation();
        if (said instanceof LogicalTypeAnnotation.TimeLogicalTypeAnnotation) {
            return random.nextInt(86_400) * 1_000_000L + random.nextInt(1_000_000);
        }
        if (said instanceof LogicalTypeAnnotation.TimestampLogicalTypeAnnotation) {
            return random.nextInt(1 << 30) * 1_000L - 77;
        }
        long any = random.nextInt(3) == 0 ? random.nextInt(4) : random.nextLong();
        return said instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation ? any % 999_999_999_999L : any;
    }

    private Binary int96() {
        return Binary.fromConstantByteArray(ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(random.nextInt(86_400) * 1_000_000_000L + random.nextInt(1_000_000_000))
                .putInt(2_400_000 + random.nextInt(200_000))
                .array());
    }

    private Binary bytes(PrimitiveType type) {
        LogicalTypeAnnotation said = type.getLogicalTypeAnnotation();
        if (said instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation) {
            byte[] bytes = new byte[type.getTypeLength() == 0 ? 1 + random.nextInt(8) : type.getTypeLength()];
            java.util.Arrays.fill(bytes, (byte) (random.nextBoolean() ? 0 : -1));
            bytes[bytes.length - 1] = (byte) random.nextInt(256);
            return Binary.fromConstantByteArray(bytes);
        }
        if (type.getTypeLength() > 0) {
            byte[] bytes = new byte[type.getTypeLength()];
            random.nextBytes(bytes);
            return Binary.fromConstantByteArray(bytes);
        }
        String text = random.nextInt(3) == 0 ? "" : "t" + random.nextInt(5) + "ü".repeat(random.nextInt(30));
        return Binary.fromString(text);
    }
}
