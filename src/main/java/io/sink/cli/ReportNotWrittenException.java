package io.sink.cli;

/** A report, or a file beside it, could not be written; what was done to tables stays done. */
final class ReportNotWrittenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReportNotWrittenException(Throwable cause) {
        super("the report could not be written", cause);
    }
}
