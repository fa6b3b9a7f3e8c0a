package io.sink.cli;

import io.sink.catalog.Catalogs;
import io.sink.catalog.RoutedFileIO;
import io.sink.catalog.TableRef;
import io.sink.config.CatalogConfig;
import io.sink.config.ConfigFile;
import io.sink.config.ConfigLoader;
import io.sink.config.PolicyResolver;
import io.sink.config.SinkConfig;
import io.sink.config.TablePattern;
import io.sink.config.UsageException;
import io.sink.config.Variables;
import io.sink.run.CatalogOpening;
import io.sink.run.CatalogTables;
import io.sink.run.Selectors;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded configuration with what the command line adds to it.
 *
 * @param config the configuration; its secrets are redacted from stdout and stderr from here on
 * @param policies what applies to each table
 * @param startedAt the run's start; every age is measured from it
 */
record Session(SinkConfig config, PolicyResolver policies, Instant startedAt) {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /**
     * Sets up the log, loads the configuration, and redacts its secrets from stdout and stderr.
     *
     * @param flags values of settings from the command line, by the names of the settings
     * @throws io.sink.config.ConfigException if there is no configuration file, or it is not valid
     * @throws UsageException naming every flag whose value cannot be used
     */
    static Session begin(GlobalOptions global, Map<String, String> flags) {
        Instant startedAt = Instant.ofEpochMilli(System.currentTimeMillis());
        Logging.begin(global.log);
        Map<String, String> env = System.getenv();
        Path file = ConfigFile.find(global.config, env, Path.of("").toAbsolutePath());
        SinkConfig config = ConfigLoader.load(file, env);
        System.setOut(config.secrets().wrap(System.out));
        System.setErr(config.secrets().wrap(System.err));
        Session session = new Session(config, new PolicyResolver(config, flags, env, startedAt), startedAt);
        session.unknownVariables().forEach(LOG::warn);
        return session;
    }

    /** A sentence for each environment variable that looks like a setting and is none. */
    List<String> unknownVariables() {
        return Variables.unknown(System.getenv(), config);
    }

    private Path directory() {
        Path parent = config.file().toAbsolutePath().getParent();
        return parent == null ? Path.of("/") : parent;
    }

    /** The tables that are asked for. */
    record Selection(List<TablePattern> patterns, List<TableRef> named) {

        /** The catalogs to list: with {@code strict} every catalog that is opened, else as {@link #listed}. */
        Predicate<String> listedIf(boolean strict) {
            return strict ? this::opens : listed();
        }

        boolean all() {
            return patterns.isEmpty() && named.isEmpty();
        }

        Predicate<TableRef> selected() {
            return ref -> all() || patterns.stream().anyMatch(pattern -> pattern.matches(ref));
        }

        /** Whether this catalog is to be listed. */
        Predicate<String> listed() {
            return catalog -> all() || patterns.stream().anyMatch(pattern -> pattern.couldMatchCatalog(catalog));
        }

        boolean opens(String catalog) {
            return listed().test(catalog)
                    || named.stream().anyMatch(ref -> ref.catalog().equals(catalog));
        }
    }

    /**
     * Splits the arguments into tables named in full, which need no listing, and patterns.
     *
     * @throws UsageException naming what selects no configured catalog
     */
    Selection select(List<String> tables) {
        List<TablePattern> patterns = new ArrayList<>();
        List<TableRef> named = new ArrayList<>();
        for (String text : tables) {
            TablePattern pattern = pattern(text);
            if (config.catalogs().stream().noneMatch(catalog -> pattern.couldMatchCatalog(catalog.name()))) {
                throw new UsageException(List.of("TABLE \"%s\" selects no configured catalog; there are: %s"
                        .formatted(
                                text,
                                String.join(
                                        ", ",
                                        config.catalogs().stream()
                                                .map(CatalogConfig::name)
                                                .toList()))));
            }
            Optional<TableRef> ref = literal(text);
            ref.ifPresentOrElse(named::add, () -> patterns.add(pattern));
        }
        return new Selection(List.copyOf(patterns), named.stream().distinct().toList());
    }

    Predicate<TableRef> excluded(List<String> tables) {
        List<TablePattern> patterns = tables.stream().map(Session::pattern).toList();
        return ref -> patterns.stream().anyMatch(pattern -> pattern.matches(ref));
    }

    /** Everything that selects tables: TABLE and --exclude of the command line, and the rules. */
    Selectors selectors(List<String> tables, List<String> excluded) {
        List<Selectors.Selector> all = new ArrayList<>();
        tables.forEach(text -> all.add(new Selectors.Selector(
                "TABLE \"" + text + "\"",
                "correct it; sink tables lists what there is",
                Selectors.Origin.COMMAND_LINE,
                pattern(text),
                literal(text).orElse(null))));
        excluded.forEach(text -> all.add(new Selectors.Selector(
                "--exclude \"" + text + "\"",
                "correct it, or nothing is left out for it",
                Selectors.Origin.COMMAND_LINE,
                pattern(text),
                null)));
        policies.matches()
                .forEach((what, pattern) -> all.add(new Selectors.Selector(
                        what,
                        "correct its match in " + config.file() + ", or take the rule out",
                        Selectors.Origin.CONFIGURATION,
                        pattern,
                        null)));
        List<String> catalogs =
                config.catalogs().stream().map(CatalogConfig::name).toList();
        return new Selectors(policies.run().strict().value(), catalogs, all);
    }

    private static TablePattern pattern(String text) {
        try {
            return TablePattern.of(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(List.of("TABLE \"" + text + "\" " + e.getMessage()));
        }
    }

    private static Optional<TableRef> literal(String text) {
        List<String> levels = TableRef.levels(text);
        boolean glob = text.contains("*") || text.contains("?");
        return glob || levels.size() < 2
                ? Optional.empty()
                : Optional.of(new TableRef(
                        levels.get(0), levels.subList(1, levels.size() - 1), levels.get(levels.size() - 1)));
    }

    /** The catalogs that the selection needs, in the order of the configuration. */
    List<CatalogOpening> openings(Selection selection) {
        return allOpenings().stream()
                .filter(catalog -> selection.opens(catalog.name()))
                .toList();
    }

    /** The tables of every catalog, each with the places outside its own that the configuration gives to it. */
    CatalogTables tables() {
        return new CatalogTables(allOpenings(), ref -> policies.resolve(ref).given());
    }

    /** As {@link #tables()}, and tells these selectors of every table that it lists. */
    CatalogTables tables(Selectors selectors) {
        return new CatalogTables(allOpenings(), ref -> policies.resolve(ref).given(), selectors);
    }

    /** Every catalog, in the order of the configuration. */
    List<CatalogOpening> allOpenings() {
        return config.catalogs().stream()
                .map(catalog -> new CatalogOpening(
                        catalog.name(),
                        () -> Catalogs.open(
                                catalog.name(),
                                catalog.type(),
                                properties(catalog),
                                directory(),
                                config.secrets()::learn)))
                .toList();
    }

    /** Overrides go to the storage, which applies them over the properties that the catalog's server sends. */
    private static Map<String, String> properties(CatalogConfig catalog) {
        Map<String, String> properties = new HashMap<>(catalog.properties());
        catalog.overrides().forEach((key, value) -> properties.put(RoutedFileIO.OVERRIDE + key, value));
        return properties;
    }

    /** Identifies the catalog for the lock on this host. */
    String identity(CatalogConfig catalog) {
        return String.join(
                "\n",
                catalog.type(),
                String.valueOf(catalog.properties().get("uri")),
                String.valueOf(catalog.properties().get("warehouse")),
                String.valueOf(catalog.properties().get("s3.endpoint")),
                relative(catalog.properties().get("uri"))
                                || relative(catalog.properties().get("warehouse"))
                        ? directory().toString()
                        : "");
    }

    private static boolean relative(@Nullable String location) {
        return location != null && (location.startsWith(".") || location.startsWith("jdbc:sqlite:."));
    }
}
