package bench;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.AbstractList;
import java.util.SplittableRandom;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;

/** Rows of a warehouse's fact table: numbers, dates and codes that dictionaries hold. Made as they are asked for. */
final class LineItems extends AbstractList<Record> {
    static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "orderkey", Types.LongType.get()),
            Types.NestedField.required(2, "partkey", Types.LongType.get()),
            Types.NestedField.required(3, "suppkey", Types.LongType.get()),
            Types.NestedField.required(4, "linenumber", Types.IntegerType.get()),
            Types.NestedField.required(5, "quantity", Types.DecimalType.of(12, 2)),
            Types.NestedField.required(6, "extendedprice", Types.DecimalType.of(12, 2)),
            Types.NestedField.required(7, "discount", Types.DecimalType.of(12, 2)),
            Types.NestedField.required(8, "tax", Types.DecimalType.of(12, 2)),
            Types.NestedField.required(9, "returnflag", Types.StringType.get()),
            Types.NestedField.required(10, "linestatus", Types.StringType.get()),
            Types.NestedField.required(11, "shipdate", Types.DateType.get()),
            Types.NestedField.required(12, "commitdate", Types.DateType.get()),
            Types.NestedField.required(13, "receiptdate", Types.DateType.get()),
            Types.NestedField.required(14, "shipinstruct", Types.StringType.get()),
            Types.NestedField.required(15, "shipmode", Types.StringType.get()),
            Types.NestedField.optional(16, "remark", Types.StringType.get()));

    private static final LocalDate START = LocalDate.of(1992, 1, 1);
    private static final String[] INSTRUCTIONS = {"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"};
    private static final String[] MODES = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};

    private final Schema schema;
    private final SplittableRandom random;
    private final long first;
    private final int rows;

    /**
     * @param schema {@link #SCHEMA}, as the table has it
     * @param first the number of the first row; the others follow
     */
    LineItems(Schema schema, long seed, long first, int rows) {
        this.schema = schema;
        this.random = new SplittableRandom(seed ^ (first * 0x9e3779b97f4a7c15L));
        this.first = first;
        this.rows = rows;
    }

    @Override
    public Record get(int index) {
        long number = first + index;
        int part = random.nextInt(200_000);
        int quantity = 1 + random.nextInt(50);
        LocalDate shipped = START.plusDays(random.nextInt(2_526));
        Record row = GenericRecord.create(schema);
        row.set(0, number / 4);
        row.set(1, (long) part);
        row.set(2, (long) (part * 7 + random.nextInt(4)) % 10_000);
        row.set(3, (int) (number % 4) + 1);
        row.set(4, BigDecimal.valueOf(quantity * 100L, 2));
        row.set(5, BigDecimal.valueOf(quantity * (90_000L + part % 1_000 * 10), 2));
        row.set(6, BigDecimal.valueOf(random.nextInt(11), 2));
        row.set(7, BigDecimal.valueOf(random.nextInt(9), 2));
        row.set(8, random.nextBoolean() ? "N" : random.nextBoolean() ? "R" : "A");
        row.set(9, random.nextBoolean() ? "O" : "F");
        row.set(10, shipped);
        row.set(11, shipped.plusDays(random.nextInt(60) - 30));
        row.set(12, shipped.plusDays(1 + random.nextInt(30)));
        row.set(13, INSTRUCTIONS[random.nextInt(INSTRUCTIONS.length)]);
        row.set(14, MODES[random.nextInt(MODES.length)]);
        row.set(15, random.nextInt(20) == 0 ? null : "remark " + random.nextInt(1_000) + " of the regular deposits");
        return row;
    }

    @Override
    public int size() {
        return rows;
    }
}
