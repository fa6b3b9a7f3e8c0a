package io.sink.rows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.apache.iceberg.variants.VariantArray;
import org.apache.iceberg.variants.VariantObject;
import org.apache.iceberg.variants.VariantValue;

/** Hashes variants by their values, whether shredded or not, and regardless of the order of names in the metadata. */
final class VariantHash {
    private VariantHash() {}

    static void add(Hash128 hash, VariantValue value) {
        switch (value.type()) {
            case OBJECT -> {
                VariantObject object = value.asObject();
                TreeSet<String> names = new TreeSet<>();
                object.fieldNames().forEach(names::add);
                hash.add(names.size());
                for (String name : names) {
                    hash.add(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
                    add(hash, object.get(name));
                }
            }
            case ARRAY -> {
                VariantArray array = value.asArray();
                hash.add(array.numElements());
                for (int i = 0; i < array.numElements(); i++) {
                    add(hash, array.get(i));
                }
            }
            default -> {
                hash.add(value.type().ordinal());
                Object primitive = value.asPrimitive().get();
                if (primitive != null) {
                    RowHash.addPrimitive(hash, primitive);
                }
            }
        }
    }
}
