package io.sink.cli;

import io.sink.config.Secrets;
import io.sink.report.LineWidth;
import java.util.Map;

/**
 * What the program's start script saw of where its output goes: the JVM itself cannot tell stdout from stderr.
 *
 * @param stdout whether stdout is a terminal
 * @param stderr whether stderr is one
 * @param colours whether colours are welcome there
 * @param columns how wide it is
 */
record Terminal(boolean stdout, boolean stderr, boolean colours, int columns) {
    private static final String STREAMS = "sink.terminal";
    private static final String COLUMNS = "sink.columns";
    private static final int USUAL = 80;
    /** Below, nothing is made to fit. */
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
     * Of what goes to stdout: only a terminal has a width.
     *
     * @param secrets not to be seen there
     */
    LineWidth width(Secrets secrets) {
        return stdout ? new LineWidth(columns, secrets::redact) : LineWidth.ENDLESS;
    }
}
