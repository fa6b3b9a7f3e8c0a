package io.sink.config;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads nodes into texts and mappings, and reports what is wrong with them.
 *
 * @param problems where problems are reported
 * @param expansion expands scalars
 * @param now the start of the run
 */
record Reading(Problems problems, Expansion expansion, Instant now) {

    /** The node's text, expanded and not empty; null if there is none, which has then been reported. */
    @Nullable
    Text text(Node node, String path, String example) {
        if (node instanceof Node.Refused) {
            return null;
        }
        if (!(node instanceof Node.Scalar scalar)) {
            problems.add(node, path, "is a " + kind(node) + "; write " + example);
            return null;
        }
        if (scalar.isNull()) {
            problems.add(node, path, "has no value; write " + example + " or remove the key");
            return null;
        }
        Text text = expansion.expand(scalar, path);
        if (text != null && text.value().isEmpty()) {
            problems.add(
                    node,
                    path,
                    (text.references().isEmpty() ? "is empty" : text + " expands to nothing") + "; write " + example
                            + " or remove the key");
            return null;
        }
        return text;
    }

    /** The node as a mapping; null if it is something else, which has then been reported. */
    Node.@Nullable Mapping mapping(Node node, String path, String example) {
        if (node instanceof Node.Mapping mapping) {
            return mapping;
        }
        if (!(node instanceof Node.Refused)) {
            problems.add(node, path, "is " + article(node) + "; write a mapping such as " + example);
        }
        return null;
    }

    static String article(Node node) {
        return node instanceof Node.Scalar scalar && scalar.isNull() ? "empty" : "a " + kind(node);
    }

    private static String kind(Node node) {
        return node instanceof Node.Mapping ? "mapping" : node instanceof Node.Sequence ? "list" : "single value";
    }
}
