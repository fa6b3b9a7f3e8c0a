package io.sink.config;

import java.util.List;

/**
 * Values of the configuration for a person to check.
 *
 * @param scope what they apply to: {@code catalog lake}, {@code run}, {@code defaults}, {@code rule "lake.web.*"}
 * @param lines the values, in the order to show them
 */
public record Explained(String scope, List<Line> lines) {

    public Explained {
        lines = List.copyOf(lines);
    }

    /** The same scope with what was set for it, without what follows from elsewhere. */
    public Explained set() {
        return new Explained(scope, lines.stream().filter(this::isSet).toList());
    }

    private boolean isSet(Line line) {
        return scope.startsWith("rule ")
                ? line.source().equals(scope)
                : !line.value().equals("-") && !line.source().equals("default");
    }

    /**
     * One value.
     *
     * @param key its key
     * @param value the value as text, secrets as {@code ***}; {@code -} if it is not set
     * @param source where it was set, or what decides if it is not set
     */
    public record Line(String key, String value, String source) {}
}
