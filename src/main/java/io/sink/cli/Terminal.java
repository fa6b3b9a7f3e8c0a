package io.sink.cli;

import io.sink.config.Secrets;
import io.sink.report.LineWidth;
import java.util.Map;

/**
 * Which streams are terminals. The start script finds out, since the JVM itself cannot tell for each stream.
 *
 * @param stdout whether stdout is a terminal
 * @param stderr whether stderr is a terminal
 * @param colours whether colours are wanted on a terminal
 * @param columns width of the terminal
 */
record Terminal(boolean stdout, boolean stderr, boolean colours, int columns) {
    private static final String STREAMS = "sink.terminal";
    private static final String COLUMNS = "sink.columns";
    private static final int USUAL = 80;
    /** Output is not made to fit fewer columns. */
    private static final int NARROWEST = 40;

    static Terminal of(LogOptions log) {
        return of(System.getProperty(STREAMS, ""), Integer.getInteger(COLUMNS, USUAL), System.getenv(), log.noColor);
    }

    /** @param streams the numbers of the streams that are terminals, for example {@code 12} */
    static Terminal of(String streams, int columns, Map<String, String> env, boolean noColor) {
        return new Terminal(
                streams.contains("1"),
                streams.contains("2"),
                !noColor
                        && !env.containsKey("NO_COLOR")
                        && !env.getOrDefault("TERM", "dumb").equals("dumb"),
                Math.max(NARROWEST, columns));
    }

    /**
     * The width of lines on stdout: {@link LineWidth#ENDLESS} unless it is a terminal.
     *
     * @param secrets redacted before a line is cut
     */
    LineWidth width(Secrets secrets) {
        return stdout ? new LineWidth(columns, secrets::redact) : LineWidth.ENDLESS;
    }
}
