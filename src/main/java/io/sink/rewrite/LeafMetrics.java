package io.sink.rewrite;

import io.sink.pages.LeafSummary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.iceberg.FieldMetrics;
import org.apache.parquet.schema.LogicalTypeAnnotation;

/**
 * Metrics that Iceberg's writers add to Parquet's statistics: counts of NaN, bounds without NaN, and bounds that are
 * too long for a footer.
 */
public final class LeafMetrics {
    private LeafMetrics() {}

    /** The metrics of a leaf column that a footer lacks; empty if it has them all. */
    public static Optional<FieldMetrics<?>> of(LeafSummary leaf) {
        int id = leaf.type().getId().intValue();
        return switch (leaf.type().getPrimitiveTypeName()) {
            case FLOAT, DOUBLE ->
                Optional.of(new FieldMetrics<>(
                        id, leaf.values(), leaf.nulls(), leaf.nans(), leaf.lowest(), leaf.highest()));
            case BINARY -> binary(id, leaf);
            default -> Optional.empty();
        };
    }

    private static Optional<FieldMetrics<?>> binary(int id, LeafSummary leaf) {
        byte[] lower = leaf.lower();
        byte[] upper = leaf.upper();
        if (!leaf.footerSaysLess() || lower == null || upper == null) {
            return Optional.empty();
        }
        boolean text = LogicalTypeAnnotation.stringType().equals(leaf.type().getLogicalTypeAnnotation());
        return Optional.of(
                text
                        ? new FieldMetrics<>(id, leaf.values(), leaf.nulls(), text(lower), text(upper))
                        : new FieldMetrics<>(
                                id, leaf.values(), leaf.nulls(), ByteBuffer.wrap(lower), ByteBuffer.wrap(upper)));
    }

    private static CharSequence text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
