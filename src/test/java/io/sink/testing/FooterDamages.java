package io.sink.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TFieldIdEnum;
import shaded.parquet.org.apache.thrift.TUnion;
import shaded.parquet.org.apache.thrift.meta_data.EnumMetaData;
import shaded.parquet.org.apache.thrift.meta_data.FieldMetaData;
import shaded.parquet.org.apache.thrift.meta_data.StructMetaData;

/**
 * Every single damage of a Parquet file's footer: each field has each plausible other value in turn, is left out, or is
 * there where it was not; entries of lists are lost, are there twice or change places; each bit is turned over, and
 * each bit of the headers of the pages.
 */
public final class FooterDamages {
    private static final int TRAILER = 8;
    /** In Thrift's words. */
    private static final byte OPTIONAL = 2;
    /** Nothing, before the footer: so that a footer that is longer makes no longer file. */
    private static final int SLACK = 512;

    /** Values that the same field has elsewhere in the footer. */
    private static final int MOST_OTHERS = 8;

    private final byte[] whole;
    private final int start;
    private final FileMetaData footer;
    private final Map<String, Set<Object>> values = new HashMap<>();
    private final List<Damage> damages = new ArrayList<>();

    /**
     * One damaged file.
     *
     * @param what was done to it
     * @param from where its bytes begin to differ
     * @param bytes from there to its end
     */
    public record Damage(String what, int from, byte[] bytes) {
        /** The damaged file. */
        public byte[] of(byte[] whole) {
            byte[] damaged = Arrays.copyOf(whole, from + bytes.length);
            System.arraycopy(bytes, 0, damaged, from, bytes.length);
            return damaged;
        }
    }

    private FooterDamages(byte[] whole) throws IOException {
        this.whole = whole;
        int length = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - TRAILER);
        this.start = whole.length - TRAILER - length;
        this.footer = Util.readFileMetaData(new ByteArrayInputStream(whole, start, length));
    }

    /** The file with room for a longer footer, so that its length, which others know, stays as it is. */
    public static void makeRoom(Path file) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        int length = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - TRAILER);
        int footer = whole.length - TRAILER - length;
        byte[] wider = new byte[whole.length + SLACK];
        System.arraycopy(whole, 0, wider, 0, footer);
        System.arraycopy(whole, footer, wider, footer + SLACK, length + TRAILER);
        Files.write(file, wider);
    }

    /** Changes the footer of a file with room for it, and not the file's length. */
    public static void change(Path file, Consumer<FileMetaData> change) throws IOException {
        FooterDamages damages = new FooterDamages(Files.readAllBytes(file));
        change.accept(damages.footer);
        Damage damage = new Damage("changed", damages.start - SLACK, Objects.requireNonNull(damages.written()));
        Files.write(file, damage.of(damages.whole));
    }

    /** The damages of a file's fields: of those that a footer has, and of optional ones that it has not. */
    public static List<Damage> fields(byte[] whole) throws IOException {
        FooterDamages damages = new FooterDamages(whole);
        damages.collect(damages.footer);
        damages.walk(damages.footer, "");
        return damages.damages;
    }

    /** The file with each bit of its footer, and of its length, turned over. */
    public static List<Damage> bits(byte[] whole) throws IOException {
        FooterDamages damages = new FooterDamages(whole);
        damages.bits("footer", damages.start, whole.length - 4);
        return damages.damages;
    }

    /** The file with each bit of each page's header turned over. */
    public static List<Damage> pageHeaderBits(byte[] whole) throws IOException {
        FooterDamages damages = new FooterDamages(whole);
        for (RowGroup rowGroup : damages.footer.getRow_groups()) {
            for (ColumnChunk chunk : rowGroup.getColumns()) {
                damages.pages(chunk.getMeta_data());
            }
        }
        return damages.damages;
    }

    private void pages(ColumnMetaData chunk) throws IOException {
        int at = (int)
                (chunk.isSetDictionary_page_offset() && chunk.getDictionary_page_offset() > 0
                        ? Math.min(chunk.getDictionary_page_offset(), chunk.getData_page_offset())
                        : chunk.getData_page_offset());
        int end = at + (int) chunk.getTotal_compressed_size();
        while (at < end) {
            ByteArrayInputStream in = new ByteArrayInputStream(whole, at, end - at);
            PageHeader header = Util.readPageHeader(in);
            int body = end - in.available();
            bits("page header of " + String.join(".", chunk.getPath_in_schema()), at, body);
            at = body + header.getCompressed_page_size();
        }
    }

    private void bits(String what, int from, int until) {
        for (int at = from; at < until; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] turned = Arrays.copyOfRange(whole, at, whole.length);
                turned[0] ^= (byte) (1 << bit);
                damages.add(new Damage(what + ", byte " + at + ", bit " + bit, at, turned));
            }
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Map<TFieldIdEnum, FieldMetaData> fieldsOf(TBase node) {
        return (Map) FieldMetaData.getStructMetaDataMap((Class) node.getClass());
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void collect(TBase node) {
        fieldsOf(node).forEach((field, data) -> {
            if (!node.isSet(field)) {
                return;
            }
            Object value = node.getFieldValue(field);
            values.computeIfAbsent(key(node, field), any -> new LinkedHashSet<>())
                    .add(value);
            if (value instanceof TBase inner) {
                collect(inner);
            } else if (value instanceof List<?> list) {
                list.stream().filter(TBase.class::isInstance).forEach(entry -> collect((TBase) entry));
            }
        });
    }

    private static String key(TBase<?, ?> node, TFieldIdEnum field) {
        return node.getClass().getName() + "." + field.getFieldName();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void walk(TBase node, String path) {
        fieldsOf(node).forEach((field, data) -> {
            String name = path + "." + field.getFieldName();
            boolean optional = data.requirementType == OPTIONAL;
            if (!node.isSet(field)) {
                if (!(node instanceof TUnion)) {
                    for (Object value : values(node, field, data, null)) {
                        with(node, field, value, null, name);
                    }
                }
                return;
            }
            Object value = node.getFieldValue(field);
            for (Object other : values(node, field, data, value)) {
                with(node, field, other, value, name);
            }
            if (optional && !(node instanceof TUnion)) {
                with(node, field, null, value, name);
            }
            if (value instanceof TUnion union) {
                for (Object other : others(union)) {
                    with(node, field, other, value, name);
                }
            }
            if (value instanceof TBase inner) {
                walk(inner, name);
            } else if (value instanceof List list) {
                lists(node, field, list, name);
            }
        });
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void lists(TBase node, TFieldIdEnum field, List list, String name) {
        for (int i = 0; i < list.size(); i++) {
            List without = new ArrayList(list);
            without.remove(i);
            with(node, field, without, list, name + " without " + i);
            List twice = new ArrayList(list);
            twice.add(i, list.get(i));
            with(node, field, twice, list, name + " with twice " + i);
            if (i > 0) {
                List turned = new ArrayList(list);
                turned.set(i, list.get(i - 1));
                turned.set(i - 1, list.get(i));
                with(node, field, turned, list, name + " with exchanged " + (i - 1));
            }
            if (list.get(i) instanceof TBase inner) {
                walk(inner, name + "[" + i + "]");
            }
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void with(TBase node, TFieldIdEnum field, @Nullable Object other, @Nullable Object value, String name) {
        if (other != null && other.equals(value)) {
            return;
        }
        node.setFieldValue(field, other);
        byte[] written = written();
        if (written != null) {
            String said = other instanceof List ? "" : " = " + other;
            damages.add(new Damage(name.substring(1) + said, start - SLACK, written));
        }
        node.setFieldValue(field, value);
    }

    private byte @Nullable [] written() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            Util.writeFileMetaData(footer, out);
        } catch (IOException | RuntimeException e) {
            // What cannot be written is no damage that a file can have.
            return null;
        }
        byte[] end = new byte[whole.length - start + SLACK];
        int at = end.length - TRAILER - out.size();
        if (at < 0) {
            return null;
        }
        System.arraycopy(out.toByteArray(), 0, end, at, out.size());
        System.arraycopy("xxxxPAR1".getBytes(StandardCharsets.US_ASCII), 0, end, end.length - TRAILER, TRAILER);
        ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).putInt(end.length - TRAILER, out.size());
        return end;
    }

    private Set<Object> values(TBase<?, ?> node, TFieldIdEnum field, FieldMetaData data, @Nullable Object value) {
        Set<Object> others = new LinkedHashSet<>();
        if (data.valueMetaData instanceof EnumMetaData type) {
            others.addAll(Arrays.asList(type.enumClass.getEnumConstants()));
            return others;
        }
        if (value instanceof Integer number) {
            others.addAll(List.of(number + 1, number - 1, 0, -number, number ^ 64, number + 1000, 1));
        } else if (value instanceof Long number) {
            others.addAll(List.of(number + 1, number - 1, 0L, -number, number ^ 64, number * 2, 1L));
        } else if (value instanceof Boolean is) {
            others.add(!is);
        } else if (value instanceof Byte number) {
            others.addAll(List.of((byte) (number * 2), (byte) 8, (byte) 16, (byte) 32, (byte) 64));
        } else if (value instanceof String text) {
            others.addAll(List.of(text + "x", "", text.isEmpty() ? "y" : text.substring(1)));
        } else if (value instanceof ByteBuffer bytes) {
            byte[] turned = new byte[bytes.remaining()];
            bytes.duplicate().get(turned);
            if (turned.length > 0) {
                turned[turned.length - 1] ^= 1;
            }
            others.addAll(List.of(ByteBuffer.wrap(turned), ByteBuffer.allocate(0)));
        }
        values.getOrDefault(key(node, field), Set.of()).stream()
                .filter(other -> !(other instanceof List) && !(other instanceof TBase))
                .limit(MOST_OTHERS)
                .forEach(others::add);
        return others;
    }

    /** The other kinds that the union could be, where they need no fields. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static List<Object> others(TUnion union) {
        List<Object> others = new ArrayList<>();
        fieldsOf(union).forEach((field, data) -> {
            if (field != union.getSetField() && data.valueMetaData instanceof StructMetaData type) {
                try {
                    Constructor<?> inner = type.structClass.getConstructor();
                    TUnion other = (TUnion) union.getClass().getConstructor().newInstance();
                    other.setFieldValue(field, inner.newInstance());
                    others.add(other);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        return others;
    }
}
