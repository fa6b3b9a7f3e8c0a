package io.sink.cli;

import java.util.Map;

/**
 * What the program's start script saw of where its output goes: the JVM itself cannot tell stdout from stderr.
 *
 * @param stdout whether stdout is a terminal
 * @param stderr whether stderr is one
 * @param colours whether colours are welcome there
 */
record Terminal(boolean stdout, boolean stderr, boolean colours) {
    private static final String PROPERTY = "sink.terminal";

    static Terminal of(LogOptions log) {
        return of(System.getProperty(PROPERTY, ""), System.getenv(), log.noColor);
    }

    /** @param streams the numbers of the streams that are terminals, for example {@code 12} */
    static Terminal of(String streams, Map<String, String> env, boolean noColor) {
        return new Terminal(
                streams.contains("1"),
                streams.contains("2"),
                !noColor
                        && !env.containsKey("NO_COLOR")
                        && !env.getOrDefault("TERM", "dumb").equals("dumb"));
    }
}
