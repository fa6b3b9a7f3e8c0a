package io.sink.testing;

import java.util.Random;

/** The numbers of one seed, which know how many of them were drawn and have a digest of all. */
public final class Draws extends Random {
    private static final long serialVersionUID = 1L;

    private final long seed;
    private long count;
    private long digest;

    public Draws(long seed) {
        super(scrambled(seed));
        this.seed = seed;
        this.digest = seed;
    }

    /** Java's generator begins alike for seeds that lie side by side: the first of its booleans are all the same. */
    private static long scrambled(long seed) {
        long mixed = (seed ^ (seed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** The seed, by which a case may name what it makes. */
    public long seed() {
        return seed;
    }

    long count() {
        return count;
    }

    long digest() {
        return digest;
    }

    @Override
    protected int next(int bits) {
        int drawn = super.next(bits);
        count++;
        // The order counts, so that two draws that changed places are another digest.
        digest = (digest ^ drawn) * 0x9E3779B97F4A7C15L;
        return drawn;
    }
}
