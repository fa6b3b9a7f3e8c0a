package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Changes files of a table's metadata at random: their bytes, or what they say. */
public final class AnyDamage {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** With what the bitmaps of a deletion vector begin. */
    private static final int VECTOR = 0xD1D33964;

    private static final List<Long> NUMBERS = List.of(
            0L,
            1L,
            2L,
            -1L,
            -2L,
            127L,
            (long) Integer.MAX_VALUE,
            (long) Integer.MIN_VALUE,
            1L << 31,
            1L << 40,
            1L << 62,
            Long.MAX_VALUE,
            Long.MIN_VALUE);

    private final Draws draws;
    private final List<String> words;

    /**
     * @param paths locations of files that are not the table's own, to be named where one of its own was
     */
    public AnyDamage(Draws draws, List<String> paths) {
        this.draws = draws;
        this.words = new ArrayList<>(paths);
        words.addAll(List.of(
                "",
                "/",
                "..",
                "../../..",
                "file:///",
                "s3://bucket/key",
                "http://127.0.0.1:1/x",
                "jar:file:/x!/y",
                "main",
                "null",
                "\u0000",
                "\u001b[2J\r\n\u202e",
                "%2e%2e/%00",
                "ü".repeat(5000),
                "long",
                "struct",
                "delete",
                "overwrite",
                "[".repeat(2000)));
    }

    /**
     * Changes a file.
     *
     * @return how, for whoever looks at a case that failed
     */
    public String at(Path file) throws IOException {
        int kind = draws.nextInt(4);
        String name = file.getFileName().toString();
        if (kind > 0 && name.endsWith(".json")) {
            return json(file);
        }
        if (kind > 0 && name.endsWith(".avro")) {
            return avro(file, kind);
        }
        byte[] changed = bytes(Files.readAllBytes(file));
        if (kind > 0 && name.endsWith(".puffin")) {
            check(changed);
        }
        Files.write(file, changed);
        return "bytes of " + name;
    }

    /** Gives a deletion vector the checksum of the bytes that it has now. */
    private static void check(byte[] puffin) {
        ByteBuffer bytes = ByteBuffer.wrap(puffin);
        for (int at = Integer.BYTES; at + Integer.BYTES <= puffin.length; at++) {
            long length = bytes.getInt(at - Integer.BYTES);
            if (bytes.getInt(at) == VECTOR && length > 0 && at + length + Integer.BYTES <= puffin.length) {
                CRC32 crc = new CRC32();
                crc.update(puffin, at, (int) length);
                bytes.putInt(at + (int) length, (int) crc.getValue());
                return;
            }
        }
    }

    /** Other bytes: some bits, a run, a piece that is gone, or there twice, or from elsewhere. */
    public byte[] bytes(byte[] whole) {
        byte[] bytes = whole.clone();
        if (bytes.length == 0) {
            return new byte[] {(byte) draws.nextInt()};
        }
        int at = draws.nextInt(bytes.length);
        int length = 1 + draws.nextInt(Math.min(64, bytes.length - at));
        switch (draws.nextInt(7)) {
            case 0 -> {
                for (int i = 1 + draws.nextInt(8); i > 0; i--) {
                    bytes[draws.nextInt(bytes.length)] ^= (byte) (1 << draws.nextInt(8));
                }
            }
            case 1 -> Arrays.fill(bytes, at, at + length, (byte) (draws.nextBoolean() ? 0 : 0xff));
            case 2 -> {
                byte[] random = new byte[length];
                draws.nextBytes(random);
                System.arraycopy(random, 0, bytes, at, length);
            }
            case 3 -> bytes = Arrays.copyOf(bytes, at);
            case 4 -> bytes = joined(bytes, at, at + length);
            case 5 -> bytes = joined(bytes, at + length, at);
            default -> System.arraycopy(bytes, draws.nextInt(bytes.length - length + 1), bytes, at, length);
        }
        return bytes;
    }

    /** What stands before one place, and what stands behind another. */
    private static byte[] joined(byte[] bytes, int until, int from) {
        return ByteBuffer.allocate(until + bytes.length - from)
                .put(bytes, 0, until)
                .put(bytes, from, bytes.length - from)
                .array();
    }

    private String json(Path file) throws IOException {
        JsonNode root = JSON.readTree(file.toFile());
        StringBuilder told = new StringBuilder();
        for (int i = 1 + draws.nextInt(3); i > 0; i--) {
            List<JsonNode> inner = new ArrayList<>();
            collect(root, inner);
            if (!inner.isEmpty()) {
                told.append(' ').append(change(inner.get(draws.nextInt(inner.size())), inner));
            }
        }
        Files.writeString(file, JSON.writeValueAsString(root));
        return file.getFileName() + told.toString();
    }

    private static void collect(JsonNode node, List<JsonNode> inner) {
        if (node.isContainerNode() && !node.isEmpty()) {
            inner.add(node);
            node.forEach(child -> collect(child, inner));
        }
    }

    private String change(JsonNode of, List<JsonNode> inner) {
        JsonNode value = value(inner);
        String text = value.toString();
        if (of instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(draws.nextInt(names.size()));
            if (draws.nextInt(6) == 0) {
                object.remove(name);
                return "without " + name;
            }
            object.set(name, value);
            return name + "=" + text.substring(0, Math.min(60, text.length()));
        }
        ArrayNode array = (ArrayNode) of;
        int at = draws.nextInt(array.size());
        switch (draws.nextInt(3)) {
            case 0 -> array.remove(at);
            case 1 -> array.insert(at, array.get(draws.nextInt(array.size())).deepCopy());
            default -> array.set(at, value);
        }
        return "[" + at + "]=" + text.substring(0, Math.min(60, text.length()));
    }

    private JsonNode value(List<JsonNode> inner) {
        JsonNodeFactory nodes = JSON.getNodeFactory();
        return switch (draws.nextInt(7)) {
            case 0, 1 -> nodes.textNode(word());
            case 2, 3 -> nodes.numberNode(number());
            case 4 ->
                List.of(
                                nodes.nullNode(),
                                nodes.booleanNode(true),
                                nodes.numberNode(0.5),
                                nodes.numberNode(BigInteger.TEN.pow(400)),
                                nodes.arrayNode(),
                                nodes.objectNode())
                        .get(draws.nextInt(6));
            default -> inner.get(draws.nextInt(inner.size())).deepCopy();
        };
    }

    private String word() {
        return words.get(draws.nextInt(words.size()));
    }

    private long number() {
        return NUMBERS.get(draws.nextInt(NUMBERS.size()));
    }

    private String avro(Path file, int kind) throws IOException {
        HostileAvro avro = HostileAvro.of(file);
        if (kind == 1 || avro.records().isEmpty()) {
            String key = avro.keys().get(draws.nextInt(avro.keys().size()));
            byte[] value = draws.nextBoolean() ? bytes(avro.value(key)) : word().getBytes(StandardCharsets.UTF_8);
            avro.with(key, value).write();
            return file.getFileName() + " header " + key;
        }
        if (kind == 2) {
            avro.write(this::bytes);
            return "records of " + file.getFileName();
        }
        List<GenericRecord> records = avro.records();
        int at = draws.nextInt(records.size());
        String told = "";
        if (draws.nextInt(4) == 0) {
            records.add(at, records.get(draws.nextInt(records.size())));
            told = " twice";
        } else {
            told = field(records.get(at));
        }
        avro.write();
        return file.getFileName() + " [" + at + "]" + told;
    }

    private String field(GenericRecord record) {
        List<Schema.Field> fields = record.getSchema().getFields();
        Schema.Field field = fields.get(draws.nextInt(fields.size()));
        Object now = record.get(field.name());
        if (now instanceof GenericRecord inner && !inner.getSchema().getFields().isEmpty()) {
            return "." + field.name() + field(inner);
        }
        Object other = other(field.schema(), now);
        record.put(field.name(), other);
        String text = String.valueOf(other);
        return "." + field.name() + "=" + text.substring(0, Math.min(60, text.length()));
    }

    /** Another value of the type. */
    private @Nullable Object other(Schema of, @Nullable Object now) {
        return switch (of.getType()) {
            case UNION -> {
                List<Schema> branches = of.getTypes();
                Schema branch = branches.get(draws.nextInt(branches.size()));
                yield branch.getType() == Schema.Type.NULL ? null : other(branch, now);
            }
            case STRING -> word();
            case LONG -> number();
            case INT -> (int) number();
            case BOOLEAN -> draws.nextBoolean();
            case BYTES -> ByteBuffer.wrap(now instanceof ByteBuffer bytes ? bytes(bytesOf(bytes)) : new byte[9]);
            case ARRAY -> elements(of, now);
            default -> now;
        };
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** A list without its first element, or with one more where these are numbers or records that there are. */
    private List<Object> elements(Schema of, @Nullable Object now) {
        List<Object> elements = new ArrayList<>();
        if (now instanceof Iterable<?> all) {
            for (Iterator<?> each = all.iterator(); each.hasNext(); ) {
                elements.add(each.next());
            }
        }
        if (!elements.isEmpty() && draws.nextBoolean()) {
            elements.remove(0);
        } else if (of.getElementType().getType() == Schema.Type.LONG) {
            elements.add(number());
        } else if (of.getElementType().getType() == Schema.Type.INT) {
            elements.add((int) number());
        } else if (!elements.isEmpty()) {
            elements.add(elements.get(0));
        }
        return elements;
    }
}
