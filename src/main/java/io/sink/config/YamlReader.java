package io.sink.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads YAML text into nodes, keeping what Jackson's data binding loses: the raw text of scalars, positions, and the
 * traces of duplicate keys, anchors, aliases, tags, merge keys and further documents, each of which is a problem.
 *
 * @ref LLP 0005#strict
 */
final class YamlReader {

    /** Nesting beyond this is refused; a configuration needs six levels. */
    private static final int DEPTH = 64;

    private final YAMLParser parser;
    private final int[] source;
    private final Problems problems;

    private YamlReader(YAMLParser parser, int[] source, Problems problems) {
        this.parser = parser;
        this.source = source;
        this.problems = problems;
    }

    /** The root node; null when there is none or the text is not YAML, which has then been reported. */
    static @Nullable Node read(String text, Problems problems) {
        String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
        try (YAMLParser parser = new YAMLFactory().createParser(plain)) {
            return new YamlReader(parser, plain.codePoints().toArray(), problems).document();
        } catch (JsonProcessingException e) {
            problems.add(SyntaxError.line(e), SyntaxError.column(e), "", SyntaxError.message(e));
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable Node document() throws IOException {
        if (parser.nextToken() == null) {
            problems.add(1, 1, "", "the file is empty; it needs at least version and catalogs");
            return null;
        }
        Node root = node("");
        if (parser.nextToken() != null) {
            problems.add(here(), "", "a second document starts here; one file holds one document, remove the ---");
        }
        return root;
    }

    /** @throws JsonParseException if it is nested deeper than any configuration is */
    private Node node(String path) throws IOException {
        if (parser.getParsingContext().getNestingDepth() > DEPTH) {
            throw new JsonParseException(parser, "nested more than " + DEPTH + " deep");
        }
        JsonToken token = parser.currentToken();
        Node.Scalar here = here();
        if (parser.isCurrentAlias()) {
            // Not the alias: it may be a password that begins with an asterisk.
            problems.add(here, path, "aliases (*…) are not supported; write the value out, in quotes if it begins so");
            return new Node.Refused(here.line(), here.column());
        }
        refuseProperties(path, here);
        if (token == JsonToken.START_OBJECT) {
            return mapping(path, here);
        }
        return token == JsonToken.START_ARRAY ? sequence(path, here) : here;
    }

    private Node mapping(String path, Node start) throws IOException {
        List<Node.Entry> entries = new ArrayList<>();
        Map<String, Node> seen = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            Node.Scalar key = here();
            String keyPath = path.isEmpty() ? key.text() : path + "." + key.text();
            refuseProperties(keyPath, key);
            Node first = seen.putIfAbsent(key.text(), key);
            parser.nextToken();
            if (key.text().equals("<<") && !key.quoted()) {
                problems.add(key, keyPath, "merge keys (<<) are not supported; write the keys out");
                node(keyPath);
            } else if (first != null) {
                problems.add(key, keyPath, "duplicate key; it is already set in line " + first.line());
                node(keyPath);
            } else {
                entries.add(new Node.Entry(key, node(keyPath)));
            }
        }
        return new Node.Mapping(start.line(), start.column(), List.copyOf(entries));
    }

    private Node sequence(String path, Node start) throws IOException {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(path + "[" + items.size() + "]"));
        }
        return new Node.Sequence(start.line(), start.column(), List.copyOf(items));
    }

    /**
     * Reports an anchor or a tag. Jackson does not report those of scalars and mixes up those of a mapping and of its
     * first key. But a node starts where its anchor or tag does, and no plain scalar can start with either sign.
     */
    private void refuseProperties(String path, Node here) {
        int at = offset();
        for (int sign = character(at); sign == '&' || sign == '!'; sign = character(at)) {
            problems.add(
                    here,
                    path,
                    sign == '&'
                            ? "anchors (&) are not supported; write the value out where it is needed"
                            : "tags (!) are not supported; quote the value if it is meant to start with !");
            while (character(at) > ' ') {
                at++;
            }
            while (character(at) == ' ') {
                at++;
            }
        }
    }

    /**
     * The current token as a scalar at its place; for a collection only the place is meaningful. Jackson has no token
     * and no text for {@code !!int +}, whose tag is a problem anyway.
     */
    private Node.Scalar here() throws IOException {
        JsonLocation at = parser.currentTokenLocation();
        int first = character(offset());
        boolean isNull = parser.currentToken() == JsonToken.VALUE_NULL;
        boolean quoted = !isNull && (first == '"' || first == '\'' || first == '|' || first == '>');
        String text = parser.getText();
        return new Node.Scalar(at.getLineNr(), at.getColumnNr(), text == null ? "" : text, quoted, isNull);
    }

    /** Where the current token starts, in code points. */
    private int offset() {
        return (int) parser.currentTokenLocation().getCharOffset();
    }

    private int character(int offset) {
        return offset >= 0 && offset < source.length ? source[offset] : -1;
    }
}
