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

    /** All levels joined by dots, the catalog first: {@code lake.web.events}. */
    public String fullName() {
        StringBuilder full = new StringBuilder(catalog);
        namespace.forEach(level -> full.append('.').append(level));
        return full.append('.').append(name).toString();
    }

    @Override
    public String toString() {
        return fullName();
    }
}
