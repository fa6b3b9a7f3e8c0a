package io.sink.testing;

/** What the attempts of tests have. */
public final class Attempts {
    /** Bytes that are enough for every file that tests make. */
    public static final long MEMORY = 256 << 20;

    private Attempts() {}
}
