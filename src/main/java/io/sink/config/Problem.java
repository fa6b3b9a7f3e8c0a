package io.sink.config;

/**
 * One thing that is wrong with the configuration, and where.
 *
 * @param line the line in the file, from 1; 0 when the place is not in a file
 * @param column the column in the line, from 1; 0 when the place is not in a file
 * @param path the key as a person would say it ({@code tables[1].compact.max-bytes}, {@code env SINK_RETAIN_LAST});
 *     empty for the file as a whole
 * @param message what is wrong and what to write instead; never an expanded value
 */
public record Problem(int line, int column, String path, String message) {

    /** One line for a terminal: {@code sink.yaml:12:5: tables[1].compact.max-byte: unknown key; did you mean …}. */
    String render(String file) {
        StringBuilder text = new StringBuilder();
        if (line > 0) {
            text.append(file)
                    .append(':')
                    .append(line)
                    .append(':')
                    .append(column)
                    .append(": ");
        }
        if (!path.isEmpty()) {
            text.append(path).append(": ");
        }
        return oneLine(text.append(message).toString());
    }

    /** The text with line breaks and other control characters escaped: a value may hold any. */
    static String oneLine(String text) {
        StringBuilder line = new StringBuilder();
        text.chars()
                .forEach(c -> line.append(
                        c == '\n'
                                ? "\\n"
                                : Character.isISOControl(c) ? "\\u%04x".formatted(c) : Character.toString(c)));
        return line.toString();
    }
}
