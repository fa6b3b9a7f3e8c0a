package io.sink.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The parser's message without the lines of the file that it quotes, which may hold a secret. */
final class SyntaxError {

    private static final Pattern MARK = Pattern.compile("(?m)^ in .*, line (\\d+), column (\\d+)");

    private SyntaxError() {}

    static String message(JsonProcessingException e) {
        String all = String.valueOf(e.getOriginalMessage());
        if (all.startsWith("Expected a field name")) {
            return "not valid YAML: a key must be plain text, not an alias, a list or a mapping";
        }
        return all.lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" ") && !line.startsWith("in '"))
                .map(line -> line.replace('\t', ' ').strip())
                .collect(Collectors.joining(
                        ", ",
                        "not valid YAML: ",
                        all.contains("but got {") ? "; a ${…} inside { } or [ ] has to be quoted" : ""));
    }

    static int line(JsonProcessingException e) {
        MatchResult mark = mark(e);
        JsonLocation at = e.getLocation();
        return mark != null ? Integer.parseInt(mark.group(1)) : at == null ? 1 : Math.max(1, at.getLineNr());
    }

    static int column(JsonProcessingException e) {
        MatchResult mark = mark(e);
        JsonLocation at = e.getLocation();
        return mark != null ? Integer.parseInt(mark.group(2)) : at == null ? 1 : Math.max(1, at.getColumnNr());
    }

    /** The last place that the message names: that of the problem. Earlier ones say where the construct began. */
    private static @Nullable MatchResult mark(JsonProcessingException e) {
        return MARK.matcher(String.valueOf(e.getOriginalMessage()))
                .results()
                .reduce((earlier, later) -> later)
                .orElse(null);
    }
}
