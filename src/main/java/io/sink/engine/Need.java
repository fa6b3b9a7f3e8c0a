package io.sink.engine;

/**
 * Memory that a piece of work takes, in bytes.
 *
 * @param least with less it cannot be done
 * @param wanted with more it would not be done any better
 */
public record Need(long least, long wanted) {
    /** For work that holds next to nothing. */
    public static final Need NONE = new Need(0, 0);

    public Need {
        if (least < 0 || wanted < least) {
            throw new IllegalArgumentException("at least " + least + " and at most " + wanted + " bytes");
        }
    }
}
