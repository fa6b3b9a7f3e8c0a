package io.sink.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The known word that someone who mistyped probably meant. */
public final class Nearest {

    private Nearest() {}

    /** The known word nearest to what was typed; empty when none is near enough to be a typing error. */
    public static Optional<String> to(String typed, Collection<String> known) {
        int tolerance = Math.min(3, (typed.length() + 1) / 2);
        return known.stream()
                .min(Comparator.comparingInt((String word) -> distance(typed, word))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(word -> distance(typed, word) <= tolerance);
    }

    /** {@code did you mean max-bytes?}, or the known words when none is near. */
    static String hint(String typed, Collection<String> known) {
        return to(typed, known)
                .map(word -> "did you mean " + word + "?")
                .orElseGet(() -> "known here: "
                        + String.join(", ", known.stream().sorted().toList()));
    }

    private static int distance(String one, String other) {
        return LevenshteinDistance.getDefaultInstance().apply(one, other);
    }
}
