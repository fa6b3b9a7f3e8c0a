package io.sink.config;

import io.sink.catalog.TableRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

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

    /** One level of a pattern, as code points; {@code any} stands for any number of levels. */
    private record Level(boolean any, List<Integer> glob) {
        static final Level ANY = new Level(true, List.of());

        static Level of(String text) {
            return text.equals(ANY_LEVELS) ? ANY : new Level(false, characters(text));
        }

        boolean matches(String level) {
            return Glob.matches(
                    glob,
                    place -> place == '*',
                    characters(level),
                    (place, character) -> place == '?' || place.equals(character));
        }

        private static List<Integer> characters(String text) {
            return text.codePoints().boxed().toList();
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
            levels.add(Level.of(level));
        }
        if (levels.size() == 1 && !levels.get(0).any()) {
            levels.add(Level.ANY);
        }
        return new TablePattern(text, List.copyOf(levels));
    }

    /** Whether this pattern certainly selects every table that the other selects; it may do so and not be seen to. */
    boolean covers(TablePattern other) {
        if (text.contains("?") && other.text.contains("*")) {
            return false;
        }
        return other.levels.stream().noneMatch(Level::any)
                ? Glob.matches(levels, Level::any, List.of(other.text.split("\\.")), Level::matches)
                : isWholeBelow(other);
    }

    /** Whether this is {@code x.**}, and the other is below {@code x}. */
    private boolean isWholeBelow(TablePattern other) {
        int fixed = levels.size() - 1;
        return levels.get(fixed).any()
                && levels.stream().filter(Level::any).count() == 1
                && other.levels.size() > fixed
                && other.levels.subList(0, fixed).equals(levels.subList(0, fixed));
    }

    /** Whether the pattern selects this table. */
    public boolean matches(TableRef table) {
        List<String> names = new ArrayList<>();
        names.add(table.catalog());
        names.addAll(table.namespace());
        names.add(table.name());
        return Glob.matches(levels, Level::any, names, Level::matches)
                || text.equals(table.fullName())
                || text.equals(String.join(".", names));
    }

    /** Whether the pattern can select any table of this catalog, so that the catalog has to be opened. */
    public boolean couldMatchCatalog(String catalog) {
        return levels.get(0).any() || levels.get(0).matches(catalog);
    }

    /**
     * Whether the pattern selects every table of the namespace: then it is not wrong if the namespace is empty.
     *
     * @param namespace its levels, outermost first; none for the catalog as a whole
     */
    public boolean selectsAllOf(String catalog, List<String> namespace) {
        Level last = levels.get(levels.size() - 1);
        if (!last.any() && !last.glob().stream().allMatch(place -> place == '*')) {
            return false;
        }
        List<String> names = new ArrayList<>();
        names.add(catalog);
        names.addAll(namespace);
        List<Level> namespaces = last.any() ? levels : levels.subList(0, levels.size() - 1);
        return Glob.matches(namespaces, Level::any, names, Level::matches);
    }

    /**
     * The name that the pattern selects after the fewest changes; empty if more than half of the pattern would have to
     * change. What {@code *}, {@code ?} and {@code **} stand for costs nothing.
     *
     * @param names full names of tables
     */
    public Optional<String> nearest(Collection<String> names) {
        return NearestName.to(text, names);
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
