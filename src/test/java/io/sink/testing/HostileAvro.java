package io.sink.testing;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.Deflater;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** A manifest list or a manifest, written anew by hand so that it claims more than it has. */
final class HostileAvro {
    private static final byte[] MAGIC = {'O', 'b', 'j', 1};
    private static final byte[] SYNC = new byte[16];
    private static final int MIB = 1 << 20;

    private final Path file;
    private final Schema schema;
    private final Map<String, byte[]> header = new TreeMap<>();
    private final List<GenericRecord> records = new ArrayList<>();

    private HostileAvro(Path file, Schema schema) {
        this.file = file;
        this.schema = schema;
    }

    /** The list or manifest as it is now. */
    static HostileAvro of(Path file) throws IOException {
        try (DataFileReader<GenericRecord> reader = new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
            HostileAvro all = new HostileAvro(file, reader.getSchema());
            for (String key : reader.getMetaKeys()) {
                all.header.put(key, reader.getMeta(key));
            }
            all.header.put("avro.codec", "null".getBytes(StandardCharsets.UTF_8));
            reader.forEach(all.records::add);
            return all;
        }
    }

    /** A block that says it has so many records and bytes. */
    void block(long count, long size) throws IOException {
        write(count, size, body());
    }

    /** A header whose map says it has so many entries, the first with a key of such a length. */
    void header(long entries, long keyLength) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(MAGIC);
        bytes.write(number(entries));
        bytes.write(number(keyLength));
        bytes.write(new byte[1000]);
        Files.write(file, bytes.toByteArray());
    }

    /** A header with one entry more, whose value says it has such a length. */
    void headerValue(long length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(MAGIC);
        bytes.write(number(1));
        bytes.write(text("avro.schema"));
        bytes.write(number(length));
        bytes.write(new byte[1000]);
        Files.write(file, bytes.toByteArray());
    }

    /** A header with this value. */
    HostileAvro with(String key, String value) {
        return with(key, value.getBytes(StandardCharsets.UTF_8));
    }

    /** How many bytes the records have. */
    long size() throws IOException {
        return body().length;
    }

    /** Its records, to be changed before they are written. */
    List<GenericRecord> records() {
        return records;
    }

    /** The names of what its header has. */
    List<String> keys() {
        return List.copyOf(header.keySet());
    }

    /** A value of its header. */
    byte[] value(String key) {
        return Objects.requireNonNull(header.get(key), key).clone();
    }

    /** A header with this value. */
    HostileAvro with(String key, byte[] value) {
        header.put(key, value);
        return this;
    }

    /** One block of other bytes, its count and its size as they are. */
    void write(UnaryOperator<byte[]> change) throws IOException {
        byte[] body = change.apply(body());
        write(records.size(), body.length, body);
    }

    /** The records as they are. */
    void write() throws IOException {
        byte[] body = body();
        write(records.size(), body.length, body);
    }

    /** A block of two gigabytes of zeros, deflated. */
    void deflateBomb() throws IOException {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(new byte[MIB]);
        byte[] once = new byte[MIB];
        int length = deflater.deflate(once, 0, once.length, Deflater.FULL_FLUSH);
        bomb("deflate", once, length);
    }

    /** The same by zstd. */
    void zstdBomb() throws IOException {
        byte[] once = Zstd.compress(new byte[MIB]);
        bomb("zstandard", once, once.length);
    }

    /** A block of snappy that says it unpacks to so much. */
    void snappy(long unpacked) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (long left = unpacked; ; left >>>= 7) {
            if (left < 128) {
                body.write((int) left);
                break;
            }
            body.write((int) (left & 127) | 128);
        }
        body.write(new byte[200]);
        header.put("avro.codec", "snappy".getBytes(StandardCharsets.UTF_8));
        write(1, body.size(), body.toByteArray());
    }

    private void bomb(String codec, byte[] once, int length) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 0; i < 2000; i++) {
            body.write(once, 0, length);
        }
        header.put("avro.codec", codec.getBytes(StandardCharsets.UTF_8));
        write(1_000_000, body.size(), body.toByteArray());
    }

    /**
     * The first record with this field as these bytes, and nothing after them.
     *
     * @param path names of fields, each within the record of the one before
     */
    void field(byte[] bytes, String... path) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        encode(schema, records.get(0), body, bytes, List.of(path));
        body.write(new byte[100]);
        write(1, body.size(), body.toByteArray());
    }

    /** All records with one field changed. */
    void set(String field, Object value) throws IOException {
        for (GenericRecord row : records) {
            GenericRecord of = row.getSchema().getField(field) == null ? (GenericRecord) row.get("data_file") : row;
            of.put(field, value);
        }
        write();
    }

    private boolean encode(Schema of, GenericRecord row, ByteArrayOutputStream to, byte[] bytes, List<String> path)
            throws IOException {
        for (Schema.Field field : of.getFields()) {
            if (!field.name().equals(path.get(0))) {
                to.write(encoded(field.schema(), row.get(field.name())));
            } else if (path.size() == 1) {
                to.write(bytes);
                return true;
            } else {
                return encode(
                        field.schema(), (GenericRecord) row.get(field.name()), to, bytes, path.subList(1, path.size()));
            }
        }
        throw new IllegalArgumentException("no field " + path);
    }

    private byte[] body() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (GenericRecord row : records) {
            body.write(encoded(schema, row));
        }
        return body.toByteArray();
    }

    private static byte[] encoded(Schema of, Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<>(of).write(value, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private void write(long count, long size, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(MAGIC);
        bytes.write(number(header.size()));
        for (Map.Entry<String, byte[]> entry : header.entrySet()) {
            bytes.write(text(entry.getKey()));
            bytes.write(number(entry.getValue().length));
            bytes.write(entry.getValue());
        }
        bytes.write(0);
        bytes.write(SYNC);
        bytes.write(number(count));
        bytes.write(number(size));
        bytes.write(body);
        bytes.write(SYNC);
        Files.write(file, bytes.toByteArray());
    }

    private static byte[] text(String text) throws IOException {
        return encoded(Schema.create(Schema.Type.STRING), text);
    }

    /** A number as Avro writes it. */
    static byte[] number(long value) throws IOException {
        return encoded(Schema.create(Schema.Type.LONG), value);
    }

    /** The second branch of a union, which is not null, and then a number: a length or a count. */
    static byte[] some(long number) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(number(1));
        bytes.write(number(number));
        return bytes.toByteArray();
    }
}
