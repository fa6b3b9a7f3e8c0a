package io.sink.table;

import org.apache.iceberg.expressions.Expression;

/**
 * A predicate on partitions as an operator writes it, such as {@code day(ts) < '2026-11-01' and region = 'eu'}. It
 * knows no table: {@link PartitionFilter} applies it to one.
 *
 * @ref LLP 0029#language
 */
public final class Where {
    private final String text;
    private final Expression expression;

    private Where(String text, Expression expression) {
        this.text = text;
        this.expression = expression;
    }

    /**
     * Reads a predicate.
     *
     * @throws IllegalArgumentException saying what is wrong with the text, without repeating all of it
     */
    public static Where parse(String text) {
        return new Where(text.strip(), WhereParser.parse(text));
    }

    /** The predicate without {@code not}: where it is unknown in SQL, it is false. */
    Expression expression() {
        return expression;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Where where && where.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The predicate as it was written. */
    @Override
    public String toString() {
        return text;
    }
}
