package io.sink.config;

import io.sink.config.SettingKey.Group;
import io.sink.expire.OlderThan;
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
    private static final List<Alias<?>> ALIASES = List.of(
            new Alias<>("compact-file-count", SettingKeys.MIN_DATA_FILES, SettingKeys.MIN_DATA_FILES.parse()),
            new Alias<>("compact-max-bytes", SettingKeys.MAX_BYTES, SettingKeys.MAX_BYTES.parse()),
            new Alias<>("min-snapshots-to-keep", SettingKeys.RETAIN_LAST, SettingKeys.RETAIN_LAST.parse()),
            new Alias<OlderThan>(
                    "max-snapshot-age-hours", SettingKeys.OLDER_THAN, (text, now) -> hours(Units.parseCount(text, 0))));

    private record Alias<T>(String name, SettingKey<T> key, SettingKey.Parse<T> parse) {}

    /** The mappings of settings that can differ from table to table. */
    static final List<Group> POLICIES =
            List.of(Group.EXPIRE, Group.COMPACT, Group.DELETES, Group.MANIFESTS, Group.ORPHANS);

    private final Reading reading;
    private final Map<SettingKey<?>, Object> values = new HashMap<>();
    private final Map<SettingKey<?>, Node.Scalar> setBy = new LinkedHashMap<>();

    private SettingsReader(Reading reading) {
        this.reading = reading;
    }

    /** The keys that {@link #policies} reads of a mapping. */
    static List<String> policyKeys() {
        List<String> keys = new ArrayList<>(POLICIES.stream().map(Group::key).toList());
        ALIASES.forEach(alias -> keys.add(alias.name()));
        return keys;
    }

    /** The settings that stand in a mapping of their own, and in which. */
    static Map<String, String> homes() {
        Map<String, String> homes = new HashMap<>();
        SettingKeys.ALL.forEach(key -> homes.putIfAbsent(key.name(), key.group().key()));
        return homes;
    }

    /** The settings of {@code expire}, {@code compact} and the like, and the aliases beside them. */
    static Settings policies(Section section, Reading reading) {
        SettingsReader reader = new SettingsReader(reading);
        for (Group group : POLICIES) {
            Node node = section.value(group.key());
            if (node != null) {
                reader.group(group, node, section.path(group.key()));
            }
        }
        ALIASES.forEach(alias -> reader.setAlias(alias, section));
        return new Settings(reader.values);
    }

    /** The settings of {@code run}. */
    static Settings run(Node node, Reading reading) {
        SettingsReader reader = new SettingsReader(reading);
        reader.group(Group.RUN, node, Group.RUN.key());
        return new Settings(reader.values);
    }

    private void group(Group group, Node node, String path) {
        List<SettingKey<?>> keys = SettingKeys.of(List.of(group));
        Node.Mapping mapping = reading.mapping(node, path, "{ " + keys.get(0).name() + ": … }");
        if (mapping == null) {
            return;
        }
        List<Alias<?>> aliases =
                ALIASES.stream().filter(alias -> alias.key().group() == group).toList();
        List<String> known = new ArrayList<>();
        keys.forEach(key -> known.add(key.name()));
        aliases.forEach(alias -> known.add(alias.name()));
        Section section = new Section(mapping, path, known, homes(), reading.problems());
        keys.forEach(key -> setNamed(key, section));
        aliases.forEach(alias -> setAlias(alias, section));
    }

    private <T> void setNamed(SettingKey<T> key, Section section) {
        set(key, key.parse(), section.entry(key.name()), section);
    }

    private <T> void setAlias(Alias<T> alias, Section section) {
        set(alias.key(), alias.parse(), section.entry(alias.name()), section);
    }

    private <T> void set(SettingKey<T> key, SettingKey.Parse<T> parse, Node.@Nullable Entry entry, Section section) {
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
        if (entry.value() instanceof Node.Sequence list && key.isList()) {
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

    /** A list gives its items one a line. */
    private <T> void setAll(SettingKey<T> key, SettingKey.Parse<T> parse, Node.Sequence list, String path) {
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
