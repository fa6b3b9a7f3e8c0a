package io.sink.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A mapping whose keys we define: each must be known and occur at most once; underscores count as hyphens. */
final class Section {

    private final Map<String, Node.Entry> entries = new LinkedHashMap<>();
    private final String path;

    /**
     * Reports every key that is not known here.
     *
     * @param known the known keys, with hyphens
     * @param elsewhere keys that are known in another mapping, and that mapping's key
     */
    Section(
            Node.Mapping mapping,
            String path,
            Collection<String> known,
            Map<String, String> elsewhere,
            Problems problems) {
        this.path = path;
        for (Node.Entry entry : mapping.entries()) {
            String written = entry.key().text();
            String name = written.replace('_', '-');
            if (!known.contains(name)) {
                String hint = Optional.ofNullable(elsewhere.get(name))
                        .map(home -> "it belongs under " + home)
                        .orElseGet(() -> Nearest.hint(name, known));
                problems.add(entry.key(), path(written), "unknown key; " + hint);
                continue;
            }
            Node.Entry first = entries.putIfAbsent(name, entry);
            if (first != null) {
                problems.add(
                        entry.key(),
                        path(written),
                        "duplicate key; it is already set as " + first.key().text() + " in line "
                                + first.key().line());
            }
        }
    }

    /** The entry of a key; null if it is not set. */
    Node.@Nullable Entry entry(String name) {
        return entries.get(name);
    }

    /** The value of a key; null if it is not set. */
    @Nullable
    Node value(String name) {
        Node.Entry entry = entries.get(name);
        return entry == null ? null : entry.value();
    }

    /** The path of a key in this mapping. */
    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
