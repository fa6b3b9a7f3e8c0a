package io.sink.catalog;

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

    private static String quoted(String level) {
        return level.contains(".") || level.contains("`") ? "`" + level.replace("`", "``") + "`" : level;
    }

    @Override
    public String toString() {
        return fullName();
    }
}
