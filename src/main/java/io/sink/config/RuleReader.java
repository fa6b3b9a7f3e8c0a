package io.sink.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code tables}. */
final class RuleReader {

    private final Reading reading;
    private final List<String> catalogs;
    private final Map<String, String> patterns = new HashMap<>();

    /** @param catalogs names of the catalogs; a pattern that can match none of them is reported, unless empty */
    RuleReader(Reading reading, List<String> catalogs) {
        this.reading = reading;
        this.catalogs = catalogs;
    }

    List<TableRule> rules(Node node) {
        List<TableRule> rules = new ArrayList<>();
        if (node instanceof Node.Sequence sequence) {
            for (int i = 0; i < sequence.items().size(); i++) {
                TableRule rule = rule(sequence.items().get(i), "tables[" + i + "]");
                if (rule != null) {
                    rules.add(rule);
                }
            }
        } else if (!(node instanceof Node.Refused)) {
            reading.problems()
                    .add(
                            node,
                            "tables",
                            "is " + Reading.article(node) + "; write a list such as - match: \"lake.web.*\"");
        }
        return rules;
    }

    private @Nullable TableRule rule(Node node, String path) {
        Node.Mapping mapping = reading.mapping(node, path, "match: \"lake.web.*\"");
        if (mapping == null) {
            return null;
        }
        List<String> known = new ArrayList<>(List.of("match", "exclude", "known-duplicate"));
        known.addAll(SettingsReader.policyKeys());
        Section section = new Section(mapping, path, known, SettingsReader.homes(), reading.problems());
        TablePattern pattern = pattern(section, node, path);
        boolean exclude = isTrue("exclude", section);
        boolean knownDuplicate = isTrue("known-duplicate", section);
        Settings settings = SettingsReader.policies(section, reading);
        return pattern == null ? null : new TableRule(pattern, exclude, knownDuplicate, settings);
    }

    private @Nullable TablePattern pattern(Section section, Node rule, String path) {
        Node node = section.value("match");
        if (node == null) {
            reading.problems().add(rule, path, "has no match; add one, such as match: \"lake.web.*\"");
            return null;
        }
        Text text = reading.text(node, path + ".match", "a table or a pattern such as \"lake.web.*\"");
        if (text == null) {
            return null;
        }
        String earlier = patterns.putIfAbsent(text.value(), path);
        if (earlier != null) {
            reading.problems()
                    .add(
                            node,
                            path + ".match",
                            text + " is already the match of " + earlier
                                    + ", which would never apply; join the two rules");
        }
        try {
            TablePattern pattern = TablePattern.of(text.value());
            if (!catalogs.isEmpty() && catalogs.stream().noneMatch(pattern::couldMatchCatalog)) {
                String catalog = text.value().substring(0, (text.value() + ".").indexOf('.'));
                reading.problems()
                        .add(
                                node,
                                path + ".match",
                                text + " selects in no configured catalog; " + Nearest.hint(catalog, catalogs));
            }
            return pattern;
        } catch (IllegalArgumentException e) {
            reading.problems().add(node, path + ".match", text + " " + e.getMessage());
            return null;
        }
    }

    /** Only {@code true} and {@code false}: YAML versions do not agree on what {@code no} means. */
    private boolean isTrue(String key, Section section) {
        Node node = section.value(key);
        String path = section.path(key);
        Text text = node == null ? null : reading.text(node, path, "true or false");
        if (text != null && !text.value().equals("true") && !text.value().equals("false")) {
            reading.problems().add(text.at(), path, text + " is neither; write true or false");
        }
        return text != null && text.value().equals("true");
    }
}
