package io.sink.rows;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.variants.Variant;
import org.jspecify.annotations.Nullable;

/**
 * Estimates the bytes of heap that a value in Iceberg's generic representation takes, too high rather than too low.
 */
public final class RowSize {
    private static final int OBJECT = 48;

    private RowSize() {}

    /** The estimated bytes of a value, with all values inside it. */
    public static long of(@Nullable Object value) {
        if (value == null) {
            return 8;
        } else if (value instanceof StructLike struct) {
            long size = OBJECT;
            for (int i = 0; i < struct.size(); i++) {
                size += of(struct.get(i, Object.class));
            }
            return size;
        } else if (value instanceof CharSequence text) {
            return OBJECT + 2L * text.length();
        } else if (value instanceof byte[] bytes) {
            return OBJECT + bytes.length;
        } else if (value instanceof ByteBuffer bytes) {
            return OBJECT + bytes.capacity();
        } else if (value instanceof Collection<?> values) {
            return OBJECT + values.stream().mapToLong(RowSize::of).sum();
        } else if (value instanceof Map<?, ?> map) {
            return OBJECT + of(map.keySet()) + of(map.values());
        } else if (value instanceof Variant variant) {
            return 4L * OBJECT
                    + variant.metadata().sizeInBytes()
                    + variant.value().sizeInBytes();
        }
        return OBJECT;
    }
}
