package io.sink.catalog;

import java.util.ArrayList;
import java.util.List;

/**
 * A table's address: the configured catalog, its namespace levels, its name.
 *
 * @param catalog the catalog's name in the configuration
 * @param namespace the namespace's levels, outermost first; may be empty
 * @param name the table's name
 */
public record TableRef(String catalog, List<String> namespace, String name) {

    public TableRef {
        namespace = List.copyOf(namespace);
    }

    /**
     * All levels joined by dots, the catalog first: {@code lake.web.events}. A level with a dot of its own stands in
     * backquotes, as in SQL, so that no two tables have one name.
     */
    public String fullName() {
        StringBuilder full = new StringBuilder(catalog);
        namespace.forEach(level -> full.append('.').append(quoted(level)));
        return full.append('.').append(quoted(name)).toString();
    }

    /** The levels of a full name, the catalog first; the inverse of {@link #fullName}. */
    public static List<String> levels(String fullName) {
        List<String> levels = new ArrayList<>();
        StringBuilder level = new StringBuilder();
        boolean quoted = false;
        for (int at = 0; at < fullName.length(); at++) {
            char c = fullName.charAt(at);
            if (c == '`' && quoted && at + 1 < fullName.length() && fullName.charAt(at + 1) == '`') {
                level.append(c);
                at++;
            } else if (c == '`' && (quoted || level.isEmpty())) {
                quoted = !quoted;
            } else if (c == '.' && !quoted) {
                levels.add(level.toString());
                level.setLength(0);
            } else {
                level.append(c);
            }
        }
        levels.add(level.toString());
        return levels;
    }

    private static String quoted(String level) {
        return level.contains(".") || level.contains("`") ? "`" + level.replace("`", "``") + "`" : level;
    }

    @Override
    public String toString() {
        return fullName();
    }
}
