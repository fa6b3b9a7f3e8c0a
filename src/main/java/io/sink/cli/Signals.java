package io.sink.cli;

import io.sink.outcome.ExitCode;
import io.sink.run.Stop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/** Turns SIGINT and SIGTERM into a stop at the next safe point; the second one ends the process there and then. */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    static void stopOnSignals(Stop stop) {
        handle("INT", ExitCode.SIGINT.code(), stop);
        handle("TERM", ExitCode.SIGTERM.code(), stop);
    }

    private static void handle(String name, int status, Stop stop) {
        Signal.handle(new Signal(name), signal -> {
            if (stop.request("SIG" + name)) {
                LOG.warn("SIG{}: stopping at the next safe point; once more to stop at once", name);
            } else {
                // A journal beside each table lets the next run finish what is cut off here.
                Runtime.getRuntime().halt(status);
            }
        });
    }
}
