package io.sink.columns;

import org.jspecify.annotations.Nullable;

/**
 * Consecutive entries of a leaf column, decoded. A null entry has levels and no value.
 *
 * @param entries the number of entries
 * @param repetition the repetition level of each; null if all are 0
 * @param definition the definition level of each, by the schema of the output; null if all have a value
 * @param values the values of the entries that have one
 */
record Block(int entries, int @Nullable [] repetition, int @Nullable [] definition, Values values) {
    /** The number of entries that have a value, which is those of this definition level. */
    int present(int full) {
        if (definition == null) {
            return entries;
        }
        int present = 0;
        for (int i = 0; i < entries; i++) {
            present += definition[i] == full ? 1 : 0;
        }
        return present;
    }
}
