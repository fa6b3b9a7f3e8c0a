package io.sink.config;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.action.SettingLookup;
import io.sink.catalog.TableRef;
import io.sink.compact.CompactPolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpirePolicy;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the settings of a table: from a flag, else the environment, else the last rule that matches the table, else
 * {@code maintenance}. A setting that none of them has is null if the table's own properties decide next, else its
 * default.
 *
 * @ref LLP 0005#precedence
 */
public final class PolicyResolver {

    private final SinkConfig config;
    private final Settings flags;
    private final Settings environment;

    /**
     * A resolver for one run.
     *
     * @param flags the raw values of the flags that were given, by their names without dashes ({@code older-than},
     *     {@code orphans-older-than})
     * @param env the process environment, read for variables such as {@code SINK_OLDER_THAN}
     * @param now the start of the run
     * @throws UsageException naming every flag whose value cannot be used
     * @throws ConfigException naming every variable whose value cannot be used
     * @throws IllegalArgumentException if a flag is not the name of a setting
     */
    public PolicyResolver(SinkConfig config, Map<String, String> flags, Map<String, String> env, Instant now) {
        this.config = config;
        this.flags = flags(flags, now);
        this.environment = environment(env, now);
    }

    /** The policy of this table. */
    public TablePolicy resolve(TableRef table) {
        return policy(config.rules().stream()
                .filter(rule -> rule.match().matches(table))
                .reduce((earlier, later) -> later)
                .orElse(null));
    }

    /** The settings of the run as a whole. */
    public RunPolicy run() {
        return RunPolicy.of(lookup(null));
    }

    /** The pattern of each rule, by the name of the rule in messages, in the order of the file. */
    public Map<String, TablePattern> matches() {
        Map<String, TablePattern> matches = new LinkedHashMap<>();
        for (int at = 0; at < config.rules().size(); at++) {
            TableRule rule = config.rules().get(at);
            matches.put(
                    "%s (tables[%d]%s)".formatted(rule.source(), at, rule.exclude() ? ", which excludes" : ""),
                    rule.match());
        }
        return matches;
    }

    /**
     * What an earlier rule says of tables that a later rule is about alone, and what therefore does not apply to them.
     *
     * @return a sentence for each such pair of rules, in the order of the file
     */
    public List<String> hidden() {
        List<String> sentences = new ArrayList<>();
        for (int at = 0; at < config.rules().size(); at++) {
            TableRule rule = config.rules().get(at);
            for (TableRule earlier : config.rules().subList(0, at)) {
                List<String> lost = earlier.match().covers(rule.match()) ? lost(earlier, rule) : List.of();
                if (!lost.isEmpty()) {
                    sentences.add("%s comes after %s, and rules are not merged: %s; repeat it if it is to apply"
                            .formatted(rule.source(), earlier.source(), String.join(", ", lost)));
                }
            }
        }
        return sentences;
    }

    private List<String> lost(TableRule earlier, TableRule rule) {
        if (rule.exclude()) {
            return List.of();
        }
        List<String> lost = new ArrayList<>();
        if (earlier.exclude()) {
            lost.add("its tables are not excluded");
        }
        for (SettingKey<?> key : SettingKeys.OF_TABLES) {
            Explained.Line there = line(key, find(key, earlier));
            Explained.Line here = line(key, find(key, rule));
            if (earlier.settings().get(key) != null
                    && rule.settings().get(key) == null
                    && !there.value().equals(here.value())) {
                lost.add("%s.%s is %s (%s) and not %s"
                        .formatted(key.group(), key.name(), here.value(), here.source(), there.value()));
            }
        }
        return lost;
    }

    /**
     * Every value and its source, without secrets: of each catalog, the run, a table that no rule matches, and each
     * rule.
     */
    public List<Explained> explain() {
        List<Explained> all = new ArrayList<>();
        config.catalogs().forEach(catalog -> all.add(explain(catalog)));
        all.add(new Explained("run", lines(null, RunPolicy.KEYS)));
        all.add(new Explained("defaults", lines(null, SettingKeys.OF_TABLES)));
        for (TableRule rule : config.rules()) {
            List<Explained.Line> lines = new ArrayList<>();
            if (rule.exclude()) {
                lines.add(new Explained.Line("exclude", "true", rule.source()));
            }
            if (rule.knownDuplicate()) {
                lines.add(new Explained.Line("known-duplicate", "true", rule.source()));
            }
            lines.addAll(lines(rule, SettingKeys.OF_TABLES));
            all.add(new Explained(config.secrets().redact(rule.source()), lines));
        }
        return all;
    }

    private TablePolicy policy(@Nullable TableRule rule) {
        SettingLookup settings = lookup(rule);
        String name =
                rule != null ? rule.match().toString() : config.maintenance().isEmpty() ? "defaults" : "maintenance";
        return new TablePolicy(
                rule != null && rule.exclude(),
                rule != null && rule.knownDuplicate(),
                name,
                disabled(settings),
                ExpirePolicy.of(settings),
                CompactPolicy.of(settings),
                DeletesPolicy.of(settings),
                ManifestsPolicy.of(settings),
                OrphanPolicy.of(settings));
    }

    private static Map<String, String> disabled(SettingLookup settings) {
        Map<String, String> disabled = new HashMap<>();
        for (SettingKey<Boolean> key : SettingKeys.ENABLED) {
            Setting<Boolean> enabled = settings.get(key);
            if (!enabled.value()) {
                disabled.put(key.group(), "%s.%s is false by %s".formatted(key.group(), key.name(), enabled.source()));
            }
        }
        return disabled;
    }

    private SettingLookup lookup(@Nullable TableRule rule) {
        return new SettingLookup() {
            @Override
            public <T> @Nullable Setting<T> find(SettingKey<T> key) {
                return PolicyResolver.this.find(key, rule);
            }
        };
    }

    private <T> @Nullable Setting<T> find(SettingKey<T> key, @Nullable TableRule rule) {
        return setting(flags.get(key), "flag " + key.option())
                .or(() -> setting(environment.get(key), "env " + key.variable()))
                .or(() -> rule == null
                        ? Optional.empty()
                        : setting(rule.settings().get(key), rule.source()))
                .or(() -> setting(config.maintenance().get(key), "maintenance"))
                .or(() -> setting(config.run().get(key), "run"))
                .or(() -> setting(key.standard(), "default"))
                .orElse(null);
    }

    private static <T> Optional<Setting<T>> setting(@Nullable T value, String source) {
        return value == null ? Optional.empty() : Optional.of(new Setting<>(value, source));
    }

    private Explained explain(CatalogConfig catalog) {
        String path = "catalogs." + catalog.name() + ".";
        List<Explained.Line> lines = new ArrayList<>();
        lines.add(line(path, "type", catalog.type(), "catalog-impl"));
        new TreeMap<>(catalog.properties()).forEach((key, value) -> lines.add(line(path, key, value, key)));
        new TreeMap<>(catalog.overrides())
                .forEach((key, value) -> lines.add(line(path, "overrides." + key, value, key)));
        return new Explained("catalog " + catalog.name(), lines);
    }

    private Explained.Line line(String path, String key, String value, String instead) {
        String shown = SecretFinder.looksSecret(key) ? "***" : config.secrets().redact(value);
        Map<String, String> origins = config.origins();
        return new Explained.Line(
                key, shown, origins.getOrDefault(path + key, origins.getOrDefault(path + instead, "")));
    }

    private List<Explained.Line> lines(@Nullable TableRule rule, List<SettingKey<?>> keys) {
        return keys.stream().map(key -> line(key, find(key, rule))).toList();
    }

    private Explained.Line line(SettingKey<?> key, @Nullable Setting<?> setting) {
        return setting == null
                ? new Explained.Line(key.id(), "-", key.otherwise())
                : new Explained.Line(
                        key.id(),
                        config.secrets().redact(key.text(setting.value())),
                        config.secrets().redact(setting.source()));
    }

    private static Settings flags(Map<String, String> given, Instant now) {
        Map<String, SettingKey<?>> keys =
                SettingKeys.ALL.stream().collect(Collectors.toMap(SettingKey::id, key -> key));
        Map<SettingKey<?>, Object> values = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        new TreeMap<>(given).forEach((name, text) -> {
            SettingKey<?> key = keys.get(name.replace('_', '-'));
            if (key == null) {
                throw new IllegalArgumentException("--" + name + " is not a setting");
            }
            try {
                values.put(key, key.read(text, now));
            } catch (IllegalArgumentException e) {
                wrong.add(key.option() + ": \"" + text + "\" " + e.getMessage());
            }
        });
        if (!wrong.isEmpty()) {
            throw new UsageException(wrong);
        }
        return new Settings(values);
    }

    private static Settings environment(Map<String, String> env, Instant now) {
        Map<SettingKey<?>, Object> values = new HashMap<>();
        List<Problem> wrong = new ArrayList<>();
        for (SettingKey<?> key : SettingKeys.ALL) {
            String text = env.get(key.variable());
            if (text != null) {
                try {
                    values.put(key, key.read(text, now));
                } catch (IllegalArgumentException e) {
                    wrong.add(new Problem(0, 0, "env " + key.variable(), "\"" + text + "\" " + e.getMessage()));
                }
            }
        }
        if (!wrong.isEmpty()) {
            throw new ConfigException("", wrong);
        }
        return new Settings(values);
    }
}
