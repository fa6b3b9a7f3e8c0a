package io.sink.cli;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The trace of the process that started this one, as W3C Trace Context gives it. */
final class Trace {
    private static final String VARIABLE = "TRACEPARENT";
    private static final Pattern PARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private Trace() {}

    /** The value of {@code TRACEPARENT}, or null if it is not set or malformed. */
    static @Nullable String parent(Map<String, String> env) {
        String parent = env.get(VARIABLE);
        return parent != null && PARENT.matcher(parent).matches() ? parent : null;
    }
}
