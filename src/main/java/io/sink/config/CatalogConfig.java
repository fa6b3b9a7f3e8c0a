package io.sink.config;

import java.util.Map;
import java.util.TreeSet;

/**
 * One configured catalog.
 *
 * @param name its name, the first level of its tables' full names
 * @param type {@code rest}, {@code jdbc}, {@code path}, another of Iceberg's catalog types, or {@code custom} for one
 *     with the property {@code catalog-impl}
 * @param properties Iceberg's own properties as written, {@code ${…}} expanded; without {@code type}
 * @param overrides properties to apply last, over what the catalog's server answers; may be empty
 */
public record CatalogConfig(String name, String type, Map<String, String> properties, Map<String, String> overrides) {

    public CatalogConfig {
        properties = Map.copyOf(properties);
        overrides = Map.copyOf(overrides);
    }

    /** The keys and no values: some are secret. */
    @Override
    public String toString() {
        return "CatalogConfig[name=" + name + ", type=" + type + ", properties=" + new TreeSet<>(properties.keySet())
                + ", overrides=" + new TreeSet<>(overrides.keySet()) + "]";
    }
}
