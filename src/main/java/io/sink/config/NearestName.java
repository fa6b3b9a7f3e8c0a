package io.sink.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The table that someone who mistyped a pattern probably meant: edit distance, with wildcards in one of the texts. */
final class NearestName {
    /** Stands for {@code **}; no text has it. */
    private static final int ANY_LEVELS = -1;

    private NearestName() {}

    /** The first of the nearest names; empty if more than half of the pattern would have to change. */
    static Optional<String> to(String pattern, Collection<String> names) {
        int[] places =
                pattern.replace("**", Character.toString(0xFFFF)).codePoints().toArray();
        for (int at = 0; at < places.length; at++) {
            places[at] = places[at] == 0xFFFF ? ANY_LEVELS : places[at];
        }
        @Nullable String nearest = null;
        int least = (places.length + 1) / 2 + 1;
        for (String name : names) {
            int changes = changes(places, name.codePoints().toArray());
            if (changes < least) {
                least = changes;
                nearest = name;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** The number of characters to insert, delete or replace, computed row by row as an edit distance is. */
    private static int changes(int[] pattern, int[] name) {
        int[] row = new int[name.length + 1];
        Arrays.setAll(row, at -> at);
        for (int place : pattern) {
            int[] next = new int[name.length + 1];
            boolean wild = place == '*' || place == ANY_LEVELS;
            next[0] = row[0] + (wild ? 0 : 1);
            for (int at = 1; at <= name.length; at++) {
                int character = name[at - 1];
                boolean fits = place == character || place == '?' || place == ANY_LEVELS;
                int over = wild && (place == ANY_LEVELS || character != '.') ? 0 : 1;
                next[at] =
                        Math.min(Math.min(row[at] + (wild ? 0 : 1), next[at - 1] + over), row[at - 1] + (fits ? 0 : 1));
            }
            row = next;
        }
        return row[name.length];
    }
}
