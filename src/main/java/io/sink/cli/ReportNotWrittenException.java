package io.sink.cli;

/** What the run did stands, but its report could not be written where it was asked for. */
final class ReportNotWrittenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReportNotWrittenException(Throwable cause) {
        super("the report could not be written", cause);
    }
}
