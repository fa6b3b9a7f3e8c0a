package io.sink.cli;

import io.sink.outcome.ExitCode;
import io.sink.run.Stop;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a stop at the next safe point; another one two seconds later or more ends the
 * process there and then.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    static void stopOnSignals(Stop stop) {
        handle("INT", ExitCode.SIGINT.code(), stop);
        handle("TERM", ExitCode.SIGTERM.code(), stop);
        // Of a terminal that was closed, or a connection that broke; under nohup it never arrives.
        handle("HUP", ExitCode.SIGTERM.code(), stop);
    }

    private static void handle(String name, int status, Stop stop) {
        Signal.handle(new Signal(name), signal -> {
            switch (stop.request("SIG" + name)) {
                case FIRST -> LOG.warn("SIG{}: stopping at the next safe point; once more to stop at once", name);
                case SAME -> LOG.debug("SIG{} once more within a moment: taken for the same", name);
                // A journal beside each table lets the next run finish what is cut off here.
                case AGAIN -> Runtime.getRuntime().halt(status);
            }
        });
    }

    /**
     * Sees to it that the process ends, once it is about to: its exit waits for threads of Iceberg's and ours that may
     * be held up by a storage that does not answer.
     */
    static void endWithin(Duration patience, int status) {
        Thread last = new Thread(
                () -> {
                    try {
                        Thread.sleep(patience.toMillis());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(status);
                },
                "sink-end");
        last.setDaemon(true);
        last.start();
    }
}
