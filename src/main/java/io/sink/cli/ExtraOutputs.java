package io.sink.cli;

import io.sink.run.RunListener;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Outputs of a run other than its report.
 *
 * @param files files to write; each appears whole or not at all
 * @param listeners listeners that write no file
 */
record ExtraOutputs(List<Beside> files, List<RunListener> listeners) {
    static final ExtraOutputs NONE = new ExtraOutputs(List.of(), List.of());

    /** A file, and what makes the listener that writes it. */
    record Beside(Path file, Function<Writer, RunListener> writing) {}

    /** Makes the extra outputs of a run once its session is known. */
    interface Of {
        /** @param whole whether the run looks at every table of every configured catalog */
        ExtraOutputs run(Session session, boolean whole, boolean dryRun);

        /** Makes the outputs of both. */
        default Of and(Of other) {
            return (session, whole, dryRun) -> run(session, whole, dryRun).plus(other.run(session, whole, dryRun));
        }
    }

    ExtraOutputs {
        files = List.copyOf(files);
        listeners = List.copyOf(listeners);
    }

    static ExtraOutputs file(Path file, Function<Writer, RunListener> writing) {
        return new ExtraOutputs(List.of(new Beside(file, writing)), List.of());
    }

    ExtraOutputs plus(ExtraOutputs other) {
        List<Beside> allFiles = new ArrayList<>(files);
        allFiles.addAll(other.files);
        List<RunListener> allListeners = new ArrayList<>(listeners);
        allListeners.addAll(other.listeners);
        return new ExtraOutputs(allFiles, allListeners);
    }
}
