package io.sink.cli;

import io.sink.outcome.ExitCode;
import io.sink.run.Stop;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a stop at the next safe point; another one, two seconds later or more, ends
 * the process at once.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    static void stopOnSignals(Stop stop) {
        handle("INT", ExitCode.SIGINT.code(), stop);
        handle("TERM", ExitCode.SIGTERM.code(), stop);
        // Sent when the terminal is closed or its connection breaks; under nohup it never arrives.
        handle("HUP", ExitCode.SIGTERM.code(), stop);
    }

    private static void handle(String name, int status, Stop stop) {
        Signal.handle(new Signal(name), signal -> {
            switch (stop.request("SIG" + name)) {
                case FIRST -> LOG.warn("SIG{}: stopping at the next safe point; send it again to stop at once", name);
                case SAME -> LOG.debug("SIG{} again within two seconds of the first: ignored", name);
                // A journal beside each table lets the next run finish what is cut off here.
                case AGAIN -> Runtime.getRuntime().halt(status);
            }
        });
    }

    /**
     * Halts the process after this time. A normal exit waits for threads of Iceberg and of ours, which may hang in
     * requests to a storage that does not answer.
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
