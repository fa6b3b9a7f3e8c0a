package io.sink.config;

import java.util.List;

/**
 * A scalar after expansion.
 *
 * @param value the expanded value; may hold a secret
 * @param written what stands in the file; this is what messages show
 * @param references the {@code ${…}} it was made from, without their defaults
 * @param at where it stands
 */
record Text(String value, String written, List<String> references, Node.Scalar at) {

    /** The text as messages name it. */
    @Override
    public String toString() {
        return '"' + written + '"';
    }
}
