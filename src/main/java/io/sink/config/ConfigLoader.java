package io.sink.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a configuration file. */
public final class ConfigLoader {

    private static final List<String> KEYS = List.of("version", "catalogs", "maintenance", "tables", "run");
    private static final Map<String, String> HOMES = Map.of(
            "expire", "maintenance",
            "compact", "maintenance",
            "deletes", "maintenance",
            "manifests", "maintenance",
            "orphans", "maintenance",
            "match", "tables",
            "exclude", "tables");
    private static final String VERSION = "1";

    /** Variables that the AWS SDK reads by itself, so that their values are in use without being referred to. */
    private static final List<String> AMBIENT = List.of("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN");

    private final Path file;
    private final Map<String, String> env;
    private final Problems problems;
    private final Expansion expansion;
    private final Reading reading;

    private ConfigLoader(Path file, Map<String, String> env, Clock clock) {
        this.file = file;
        this.env = env;
        this.problems = new Problems();
        Path directory = file.toAbsolutePath().normalize().getParent();
        this.expansion = new Expansion(directory == null ? Path.of("/") : directory, env, problems);
        this.reading = new Reading(problems, expansion, clock.instant());
    }

    /**
     * Reads the configuration in a file.
     *
     * @param file a YAML file; relative {@code ${file:…}} paths in it start from its directory
     * @param env the environment that {@code ${NAME}} is taken from
     * @throws ConfigException with every problem of the file, if there is any
     */
    public static SinkConfig load(Path file, Map<String, String> env) {
        return load(file, env, Clock.systemUTC());
    }

    /** As {@link #load(Path, Map)}; {@code clock} decides which instants lie in the future. */
    public static SinkConfig load(Path file, Map<String, String> env, Clock clock) {
        return new ConfigLoader(file, env, clock).load(content(file));
    }

    private static String content(Path file) {
        try {
            return BoundedText.read(file);
        } catch (BoundedText.TooLargeException e) {
            throw new ConfigException(file + ": the configuration file is " + e.getMessage() + "; name another one");
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + ": the configuration file is not UTF-8 text");
        } catch (IOException e) {
            throw new ConfigException(file + ": the configuration file cannot be read ("
                    + e.getClass().getSimpleName() + "); check the path and its permissions");
        }
    }

    private SinkConfig load(String content) {
        SinkConfig config = config(YamlReader.read(content, problems));
        if (!problems.isEmpty()) {
            throw new ConfigException(file.toString(), problems.sorted(config.secrets()));
        }
        return config;
    }

    /** As much of the configuration as can be read; valid only if there was no problem. */
    private SinkConfig config(@Nullable Node root) {
        CatalogReader catalogReader = new CatalogReader(reading, String.valueOf(file.getFileName()));
        List<CatalogConfig> catalogs = List.of();
        Settings maintenance = Settings.NONE;
        List<TableRule> rules = List.of();
        Settings run = Settings.NONE;
        Section section = root == null ? null : root(root);
        if (section != null) {
            Node value = section.value("catalogs");
            if (value != null) {
                catalogs = catalogReader.catalogs(value);
            }
            value = section.value("maintenance");
            if (value != null) {
                maintenance = maintenance(value);
            }
            value = section.value("tables");
            if (value != null) {
                rules = new RuleReader(reading, catalogReader.names()).rules(value);
            }
            value = section.value("run");
            if (value != null) {
                run = SettingsReader.run(value, reading);
            }
        }
        return new SinkConfig(
                file,
                catalogs,
                maintenance,
                rules,
                run,
                catalogReader.origins(),
                expansion.variables(),
                secrets(catalogs));
    }

    private @Nullable Section root(Node root) {
        if (root instanceof Node.Scalar scalar && scalar.isNull()) {
            problems.add(root, "", "the file is empty; it needs at least version and catalogs");
            return null;
        }
        Node.Mapping mapping = reading.mapping(root, "", "version: 1");
        if (mapping == null) {
            return null;
        }
        Section section = new Section(mapping, "", KEYS, HOMES, problems);
        version(root, section.value("version"));
        if (section.value("catalogs") == null) {
            problems.add(root, "", "has no catalogs; add them, such as catalogs: { lake: { type: rest, uri: … } }");
        }
        return section;
    }

    private void version(Node root, @Nullable Node node) {
        if (node == null) {
            problems.add(root, "", "has no version; add version: 1 as the first line");
            return;
        }
        Text text = reading.text(node, "version", VERSION);
        if (text != null && !text.value().equals(VERSION)) {
            problems.add(node, "version", text + " is not supported; this sink reads version " + VERSION);
        }
    }

    private Settings maintenance(Node node) {
        Node.Mapping mapping = reading.mapping(node, "maintenance", "expire: { older-than: 5d }");
        if (mapping == null) {
            return Settings.NONE;
        }
        Section section =
                new Section(mapping, "maintenance", SettingsReader.policyKeys(), SettingsReader.homes(), problems);
        return SettingsReader.policies(section, reading);
    }

    private Secrets secrets(List<CatalogConfig> catalogs) {
        Set<String> secrets = new LinkedHashSet<>(expansion.secrets());
        AMBIENT.stream().filter(env::containsKey).map(env::get).forEach(secrets::add);
        for (CatalogConfig catalog : catalogs) {
            secrets.addAll(SecretFinder.secretsOf(catalog.properties()));
            secrets.addAll(SecretFinder.secretsOf(catalog.overrides()));
        }
        return Secrets.of(secrets);
    }
}
