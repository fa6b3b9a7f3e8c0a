package io.sink.config;

import io.sink.catalog.TableRef;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which tables a name or a glob selects. Levels stand between dots, the catalog first: {@code *} is anything within
 * one level, {@code ?} one character, {@code **} any number of levels, also none. A catalog alone selects all its
 * tables. A table's full name selects that table whatever characters it has, with backquotes and without.
 */
public final class TablePattern {

    private static final String ANY_LEVELS = "**";

    private final String text;
    private final List<Level> levels;

    private TablePattern(String text, List<Level> levels) {
        this.text = text;
        this.levels = levels;
    }

    /** One level of a pattern; {@code any} stands for any number of levels. */
    private record Level(boolean any, Pattern pattern) {
        boolean matches(String level) {
            return pattern.matcher(level).matches();
        }
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException for an empty level or {@code **} within a level; the message says what is wrong
     *     without repeating the text
     */
    public static TablePattern of(String text) {
        List<Level> levels = new ArrayList<>();
        for (String level : text.split("\\.", -1)) {
            if (level.isBlank()) {
                throw new IllegalArgumentException("has an empty level; write catalog.namespace.table");
            }
            if (level.contains(ANY_LEVELS) && !level.equals(ANY_LEVELS)) {
                throw new IllegalArgumentException(
                        "has ** within a level; write * for a part of a level, or ** alone between dots");
            }
            levels.add(new Level(level.equals(ANY_LEVELS), glob(level)));
        }
        if (levels.size() == 1 && !levels.get(0).any()) {
            levels.add(new Level(true, glob(ANY_LEVELS)));
        }
        return new TablePattern(text, List.copyOf(levels));
    }

    /** Whether the pattern selects this table. */
    public boolean matches(TableRef table) {
        List<String> names = new ArrayList<>();
        names.add(table.catalog());
        names.addAll(table.namespace());
        names.add(table.name());
        return matches(0, names, 0) || text.equals(table.fullName()) || text.equals(String.join(".", names));
    }

    /** Whether the pattern can select any table of this catalog, so that the catalog has to be opened. */
    public boolean couldMatchCatalog(String catalog) {
        return levels.get(0).any() || levels.get(0).matches(catalog);
    }

    private boolean matches(int level, List<String> names, int name) {
        if (level == levels.size()) {
            return name == names.size();
        }
        if (levels.get(level).any()) {
            return matches(level + 1, names, name) || (name < names.size() && matches(level, names, name + 1));
        }
        return name < names.size() && levels.get(level).matches(names.get(name)) && matches(level + 1, names, name + 1);
    }

    private static Pattern glob(String level) {
        StringBuilder regex = new StringBuilder();
        level.codePoints().forEach(c -> {
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(Character.toString(c)));
            }
        });
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TablePattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
