package io.sink.cli;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The trace that whoever started the program is in, by W3C's Trace Context. */
final class Trace {
    private static final String VARIABLE = "TRACEPARENT";
    private static final Pattern PARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private Trace() {}

    /** What {@code TRACEPARENT} holds, or null: what is not of that form is nobody's trace, and is passed over. */
    static @Nullable String parent(Map<String, String> env) {
        String parent = env.get(VARIABLE);
        return parent != null && PARENT.matcher(parent).matches() ? parent : null;
    }
}
