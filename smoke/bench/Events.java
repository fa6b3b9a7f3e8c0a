package bench;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;

/** Rows as a service logs them: much text of which no two are alike, a list, a struct. Made as they are asked for. */
final class Events extends AbstractList<Record> {
    private static final Types.StructType DEVICE = Types.StructType.of(
            Types.NestedField.optional(13, "os", Types.StringType.get()),
            Types.NestedField.optional(14, "version", Types.IntegerType.get()));

    static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "user_id", Types.LongType.get()),
            Types.NestedField.optional(3, "at", Types.TimestampType.withZone()),
            Types.NestedField.optional(4, "kind", Types.StringType.get()),
            Types.NestedField.optional(5, "country", Types.StringType.get()),
            Types.NestedField.optional(6, "session", Types.StringType.get()),
            Types.NestedField.optional(7, "url", Types.StringType.get()),
            Types.NestedField.optional(8, "payload", Types.StringType.get()),
            Types.NestedField.optional(9, "score", Types.DoubleType.get()),
            Types.NestedField.optional(10, "price", Types.DoubleType.get()),
            Types.NestedField.optional(11, "tags", Types.ListType.ofOptional(15, Types.StringType.get())),
            Types.NestedField.optional(12, "device", DEVICE));

    private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final Schema schema;
    private final SplittableRandom random;
    private final long first;
    private final int rows;

    /**
     * @param schema {@link #SCHEMA}, as the table has it
     * @param first the id of the first row; the others follow
     */
    Events(Schema schema, long seed, long first, int rows) {
        this.schema = schema;
        this.random = new SplittableRandom(seed ^ (first * 0x9e3779b97f4a7c15L));
        this.first = first;
        this.rows = rows;
    }

    @Override
    public Record get(int index) {
        long id = first + index;
        Record row = GenericRecord.create(schema);
        row.set(0, id);
        row.set(1, (long) random.nextInt(1_000_000));
        row.set(
                2,
                OffsetDateTime.ofInstant(Instant.ofEpochMilli(START + id * 40 + random.nextInt(40)), ZoneOffset.UTC));
        row.set(3, "kind-" + random.nextInt(20));
        row.set(4, random.nextInt(50) == 0 ? null : "country-" + random.nextInt(200));
        row.set(5, hex(16));
        row.set(6, "https://example.com/" + random.nextInt(100) + "/page/" + random.nextInt(1_000_000));
        row.set(7, payload(id));
        row.set(8, random.nextDouble());
        row.set(9, random.nextInt(10) == 0 ? null : random.nextInt(1_000_000) / 100.0);
        row.set(10, tags());
        Record device = GenericRecord.create((Types.StructType) schema.findType("device"));
        device.set(0, "os-" + random.nextInt(6));
        device.set(1, random.nextInt(30));
        row.set(11, device);
        return row;
    }

    private List<String> tags() {
        List<String> tags = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            tags.add("tag-" + random.nextInt(50));
        }
        return tags;
    }

    private String payload(long id) {
        return "{\"request\":\"" + hex(32) + "\",\"trace\":\"" + hex(64) + "\",\"status\":"
                + (200 + random.nextInt(5) * 100)
                + ",\"latency_us\":" + random.nextInt(100_000) + ",\"bytes\":" + random.nextInt(1_000_000)
                + ",\"retries\":" + random.nextInt(3) + ",\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64) agent/"
                + random.nextInt(1000) + "\",\"sequence\":" + id
                + ",\"flags\":[true,false,null],\"referer\":\"https://example.org/"
                + random.nextInt(100_000) + "\"}";
    }

    private String hex(int length) {
        char[] text = new char[length];
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = i % 16 == 0 ? random.nextLong() : bits >>> 4;
            text[i] = HEX[(int) (bits & 15)];
        }
        return new String(text);
    }

    @Override
    public int size() {
        return rows;
    }
}
