package io.sink.cli;

/** A report, or a file beside it, could not be written; what was done to tables stays done. */
final class ReportNotWrittenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReportNotWrittenException(Throwable cause) {
        super("the report could not be written", cause);
    }

    /** For a run that did not begin. */
    static ReportNotWrittenException beforeAll(Throwable cause) {
        return new ReportNotWrittenException("no table was touched, since its report could not be written", cause);
    }

    private ReportNotWrittenException(String message, Throwable cause) {
        super(message, cause);
    }
}
