package io.sink.config;

import io.sink.action.SettingKey;
import io.sink.expire.OlderThan;
import io.sink.text.Units;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the settings of {@code maintenance}, of a table rule, or of {@code run}. */
final class SettingsReader {

    /** HypAware's names, which may stand beside {@code expire} and {@code compact} or in them. */
    private static final List<Alias> ALIASES = List.of(
            Alias.of("compact-file-count", "min-data-files"),
            Alias.of("compact-max-bytes", "max-bytes"),
            Alias.of("min-snapshots-to-keep", "retain-last"),
            new Alias(
                    "max-snapshot-age-hours",
                    SettingKeys.named("older-than"),
                    (text, now) -> hours(Units.parseCount(text, 0))));

    private record Alias(String name, SettingKey<?> key, SettingKey.Parse<?> parse) {
        static Alias of(String name, String setting) {
            SettingKey<?> key = SettingKeys.named(setting);
            return new Alias(name, key, key.parse());
        }
    }

    private final Reading reading;
    private final Map<SettingKey<?>, Object> values = new HashMap<>();
    private final Map<SettingKey<?>, Node.Scalar> setBy = new LinkedHashMap<>();

    private SettingsReader(Reading reading) {
        this.reading = reading;
    }

    /** The keys that {@link #policies} reads of a mapping. */
    static List<String> policyKeys() {
        List<String> keys = new ArrayList<>(SettingKeys.groups());
        ALIASES.forEach(alias -> keys.add(alias.name()));
        return keys;
    }

    /** The mapping that each setting belongs to, by the name of the setting. */
    static Map<String, String> homes() {
        Map<String, String> homes = new HashMap<>();
        SettingKeys.ALL.forEach(key -> homes.putIfAbsent(key.name(), key.group()));
        return homes;
    }

    /** The settings of {@code expire}, {@code compact} and the like, and the aliases beside them. */
    static Settings policies(Section section, Reading reading) {
        SettingsReader reader = new SettingsReader(reading);
        for (String group : SettingKeys.groups()) {
            Node node = section.value(group);
            if (node != null) {
                reader.group(group, node, section.path(group));
            }
        }
        ALIASES.forEach(alias -> reader.setAlias(alias, section));
        return new Settings(reader.values);
    }

    /** The settings of {@code run}. */
    static Settings run(Node node, Reading reading) {
        SettingsReader reader = new SettingsReader(reading);
        reader.group(RunPolicy.GROUP, node, RunPolicy.GROUP);
        return new Settings(reader.values);
    }

    private void group(String group, Node node, String path) {
        List<SettingKey<?>> keys = SettingKeys.of(group);
        Node.Mapping mapping = reading.mapping(
                node,
                path,
                keys.stream().anyMatch(key -> key.name().equals("enabled"))
                        ? "{ enabled: false }"
                        : "{ " + keys.get(0).name() + ": … }");
        if (mapping == null) {
            return;
        }
        List<Alias> aliases = ALIASES.stream()
                .filter(alias -> alias.key().group().equals(group))
                .toList();
        List<String> known = new ArrayList<>();
        keys.forEach(key -> known.add(key.name()));
        aliases.forEach(alias -> known.add(alias.name()));
        Section section = new Section(mapping, path, known, homes(), reading.problems());
        keys.forEach(key -> setNamed(key, section));
        aliases.forEach(alias -> setAlias(alias, section));
    }

    private void setNamed(SettingKey<?> key, Section section) {
        set(key, key.parse(), section.entry(key.name()), section);
    }

    private void setAlias(Alias alias, Section section) {
        set(alias.key(), alias.parse(), section.entry(alias.name()), section);
    }

    private void set(SettingKey<?> key, SettingKey.Parse<?> parse, Node.@Nullable Entry entry, Section section) {
        if (entry == null) {
            return;
        }
        String path = section.path(entry.key().text());
        Node.Scalar first = setBy.putIfAbsent(key, entry.key());
        if (first != null) {
            reading.problems()
                    .add(
                            entry.key(),
                            path,
                            "sets " + key.name() + ", which " + first.text() + " in line " + first.line()
                                    + " already sets; keep one of them");
            return;
        }
        if (entry.value() instanceof Node.Sequence list && key.list()) {
            setAll(key, parse, list, path);
            return;
        }
        Text text = reading.text(entry.value(), path, "a value");
        if (text == null) {
            return;
        }
        try {
            values.put(key, parse.parse(text.value(), reading.now()));
        } catch (IllegalArgumentException e) {
            reading.problems().add(entry.value(), path, text + " " + e.getMessage());
        }
    }

    /** Reads the items of a list as the lines of one text. */
    private void setAll(SettingKey<?> key, SettingKey.Parse<?> parse, Node.Sequence list, String path) {
        List<String> items = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            Text item = reading.text(list.items().get(i), path + "[" + i + "]", "a value");
            if (item == null) {
                return;
            }
            items.add(item.value());
        }
        try {
            values.put(key, parse.parse(String.join("\n", items) + "\n", reading.now()));
        } catch (IllegalArgumentException e) {
            reading.problems().add(list, path, String.valueOf(e.getMessage()));
        }
    }

    private static OlderThan hours(int hours) {
        return new OlderThan.Age(Duration.ofHours(hours));
    }
}
