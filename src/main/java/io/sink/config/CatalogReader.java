package io.sink.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code catalogs}. */
final class CatalogReader {

    private static final Pattern NAME = Pattern.compile("[^\\s.*?\\p{Cntrl}]+");
    private static final String CUSTOM = "custom";

    private static final Map<String, String> NO_BOOLEANS =
            Map.of("yes", "true", "on", "true", "y", "true", "no", "false", "off", "false", "n", "false");

    /** The catalog types, and the properties that each requires. */
    private static final Map<String, List<String>> TYPES = Map.ofEntries(
            Map.entry("jdbc", List.of("uri", "warehouse")),
            Map.entry("rest", List.of("uri")),
            Map.entry("path", List.of("warehouse")),
            Map.entry("hadoop", List.of("warehouse")),
            Map.entry("hive", List.of()),
            Map.entry("glue", List.of()),
            Map.entry("nessie", List.of("uri")),
            Map.entry("bigquery", List.of()),
            Map.entry(CUSTOM, List.of("catalog-impl")));

    private final Reading reading;
    private final String fileName;
    private final Map<String, String> origins = new LinkedHashMap<>();
    private final List<String> names = new ArrayList<>();

    CatalogReader(Reading reading, String fileName) {
        this.reading = reading;
        this.fileName = fileName;
    }

    /** Where each value that was read came from, by its path. */
    Map<String, String> origins() {
        return origins;
    }

    /** The names of all catalogs, also of those whose values could not be read. */
    List<String> names() {
        return names;
    }

    List<CatalogConfig> catalogs(Node node) {
        Node.Mapping mapping = reading.mapping(node, "catalogs", "lake: { type: rest, uri: … }");
        List<CatalogConfig> catalogs = new ArrayList<>();
        if (mapping != null) {
            for (Node.Entry entry : mapping.entries()) {
                CatalogConfig catalog = catalog(entry);
                if (catalog != null) {
                    catalogs.add(catalog);
                }
            }
        }
        return catalogs;
    }

    private @Nullable CatalogConfig catalog(Node.Entry entry) {
        String name = entry.key().text();
        String path = "catalogs." + name;
        names.add(name);
        if (!NAME.matcher(name).matches()) {
            reading.problems()
                    .add(
                            entry.key(),
                            path,
                            "\"" + name + "\" cannot name a catalog; write a name without dots, *, ? and space");
        }
        Node.Mapping mapping = reading.mapping(entry.value(), path, "{ type: rest, uri: … }");
        if (mapping == null) {
            return null;
        }
        Map<String, String> properties = new LinkedHashMap<>();
        Map<String, String> overrides = Map.of();
        Set<String> keys = new TreeSet<>();
        Text type = null;
        for (Node.Entry property : mapping.entries()) {
            String key = property.key().text();
            keys.add(key);
            if (key.equals("overrides")) {
                overrides = overrides(property.value(), path + ".overrides");
            } else if (key.equals("type")) {
                type = text(property.value(), path + ".type");
            } else {
                put(properties, key, property.value(), path);
            }
        }
        return new CatalogConfig(name, type(entry.key(), path, keys, type), properties, overrides);
    }

    private Map<String, String> overrides(Node node, String path) {
        Map<String, String> overrides = new LinkedHashMap<>();
        Node.Mapping mapping = reading.mapping(node, path, "{ s3.remote-signing-enabled: false }");
        if (mapping != null) {
            mapping.entries().forEach(entry -> put(overrides, entry.key().text(), entry.value(), path));
        }
        return overrides;
    }

    private static boolean isBoolean(String key) {
        return key.endsWith("-enabled") || key.endsWith(".enabled") || key.equals("s3.path-style-access");
    }

    private void put(Map<String, String> properties, String key, Node value, String path) {
        Text text = text(value, path + "." + key);
        if (text != null) {
            String meant = NO_BOOLEANS.get(text.value().toLowerCase(Locale.ROOT));
            if (meant != null && isBoolean(key)) {
                // Iceberg silently reads every other word than true as false.
                reading.problems().add(value, path + "." + key, "is \"" + text.value() + "\"; write " + meant);
            }
            properties.put(key, text.value());
        }
    }

    private @Nullable Text text(Node node, String path) {
        Text text = reading.text(node, path, "one value, nested names joined by dots as Iceberg has them,");
        if (text != null) {
            String from = text.references().isEmpty() ? "" : " from " + String.join(", ", text.references());
            origins.put(path, fileName + ":" + text.at().line() + from);
        }
        return text;
    }

    /** The catalog's type, after reporting one that is missing or unknown and properties that it lacks. */
    private String type(Node.Scalar at, String path, Set<String> keys, @Nullable Text text) {
        if (text == null && keys.contains("type")) {
            return "";
        }
        boolean custom = keys.contains("catalog-impl");
        if (text == null && !custom) {
            reading.problems().add(at, path, "has no type; add one, such as type: rest, jdbc or path");
            return "";
        }
        String type = text == null ? CUSTOM : text.value();
        if (text != null && !TYPES.containsKey(type)) {
            reading.problems()
                    .add(
                            text.at(),
                            path + ".type",
                            text + " is not a catalog type (a class of your own goes into catalog-impl); "
                                    + (type.equals("sql") || type.equals("sqlite")
                                            ? "PyIceberg's sql is type: jdbc here, with uri:"
                                                    + " jdbc:sqlite:/path/catalog.db"
                                            : Nearest.hint(type, TYPES.keySet())));
            return type;
        }
        if (text != null && custom && !type.equals(CUSTOM)) {
            reading.problems()
                    .add(text.at(), path + ".type", text + " stands beside catalog-impl; keep one of the two");
        }
        for (String needed : TYPES.getOrDefault(type, List.of())) {
            if (!keys.contains(needed)) {
                reading.problems().add(at, path, "has no " + needed + "; a catalog of type " + type + " needs it");
            }
        }
        return type;
    }
}
