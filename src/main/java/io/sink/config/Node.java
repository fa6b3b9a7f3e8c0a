package io.sink.config;

import java.util.List;

/** A piece of the parsed file, with the line and column (from 1) where it starts. */
sealed interface Node {

    int line();

    int column();

    /**
     * A leaf, as text: YAML's guesses at numbers and booleans are not used.
     *
     * @param text the text as written, without quotes, before {@code ${…}} expands
     * @param quoted whether quotes or a block style say that this is text
     * @param isNull whether nothing, {@code ~} or {@code null} stands there unquoted
     */
    record Scalar(int line, int column, String text, boolean quoted, boolean isNull) implements Node {}

    /** Keys and values in the order of the file, each key once. */
    record Mapping(int line, int column, List<Entry> entries) implements Node {}

    /** A list. */
    record Sequence(int line, int column, List<Node> items) implements Node {}

    /** A node whose content was refused and reported; nothing more is reported about it. */
    record Refused(int line, int column) implements Node {}

    /** One key of a mapping and its value. */
    record Entry(Scalar key, Node value) {}
}
