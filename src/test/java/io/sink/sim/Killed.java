package io.sink.sim;

/** The process is dead: nothing that it calls has an effect any more, whatever it tries to tidy up. */
final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed(String call) {
        super("killed at " + call, null, false, false);
    }
}
