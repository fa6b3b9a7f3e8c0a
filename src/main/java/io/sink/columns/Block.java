package io.sink.columns;

import org.jspecify.annotations.Nullable;

/**
 * Consecutive entries of a leaf column, decoded. A null entry has levels and no value.
 *
 * @param entries the number of entries
 * @param present the number of entries that have a value
 * @param repetition the repetition level of each; null if all are 0
 * @param definition the definition level of each, by the schema of the output; null if all have a value
 * @param values the values of the entries that have one
 */
record Block(int entries, int present, int @Nullable [] repetition, int @Nullable [] definition, Values values) {}
