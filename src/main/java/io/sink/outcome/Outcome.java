package io.sink.outcome;

/** How an action on a table ended. Published in reports: add, never rename. */
public enum Outcome {
    DONE("done"),
    PLANNED("planned"),
    SKIPPED("skipped"),
    DEFERRED("deferred"),
    FAILED("failed");

    private final String code;

    Outcome(String code) {
        this.code = code;
    }

    /** The published code, as it stands in every report. */
    public String code() {
        return code;
    }
}
