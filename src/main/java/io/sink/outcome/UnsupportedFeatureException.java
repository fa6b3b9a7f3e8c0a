package io.sink.outcome;

/** Something is refused with the reason {@link Reason#UNSUPPORTED_FEATURE}, before anything was written. */
public final class UnsupportedFeatureException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message the feature, and what to do about it */
    public UnsupportedFeatureException(String message) {
        super(message);
    }
}
