package io.sink.table;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The causes of a failure. */
public final class Causes {
    /** Some chains of causes lead back to themselves, so that they have no end. */
    private static final int DEEPEST = 50;

    private Causes() {}

    /** The failure, its cause, the cause of that, and so on, up to a bound. */
    public static List<Throwable> of(@Nullable Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && causes.size() < DEEPEST; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }
}
