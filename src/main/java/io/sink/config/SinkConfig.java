package io.sink.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A valid configuration.
 *
 * @param file where it came from
 * @param catalogs the catalogs in the order of the file; may be empty
 * @param maintenance settings of every table, unless its rule sets them
 * @param rules the table rules in the order of the file; the last that matches a table applies to it
 * @param run what is set for the run
 * @param origins file, line and references that each value of a catalog came from, by its path ({@code
 *     catalogs.lake.uri})
 * @param variables the names of the environment variables that it refers to
 * @param secrets the secret values in it
 */
public record SinkConfig(
        Path file,
        List<CatalogConfig> catalogs,
        Settings maintenance,
        List<TableRule> rules,
        Settings run,
        Map<String, String> origins,
        Set<String> variables,
        Secrets secrets) {

    public SinkConfig {
        catalogs = List.copyOf(catalogs);
        rules = List.copyOf(rules);
        origins = Map.copyOf(origins);
        variables = Set.copyOf(variables);
    }

    /** The configuration's shape; no catalog's values, and no secret elsewhere. */
    @Override
    public String toString() {
        return secrets.redact("SinkConfig[file=" + file + ", catalogs=" + catalogs + ", maintenance=" + maintenance
                + ", rules=" + rules + ", run=" + run + "]");
    }
}
