package io.sink;

import io.sink.cli.SinkCommand;

/** Starts the program; the only place that ends the process. */
public final class Main {
    private Main() {}

    /** Runs the command line and ends the process with its status. */
    public static void main(String[] args) {
        int status = SinkCommand.run(args);
        SinkCommand.ending(status);
        System.exit(status);
    }
}
