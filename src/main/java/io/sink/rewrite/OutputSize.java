package io.sink.rewrite;

/** Decides how many files to write, so that none of them is a candidate for the next rewrite. Pure functions. */
public final class OutputSize {
    /** From this part of the target on a remainder gets its own file: sizes stay 9 % from the limits, 75 and 180 %. */
    private static final double ROUND_UP_FROM = 0.65;

    private OutputSize() {}

    /** The number of files to write for this many bytes, at least one. */
    public static int files(long bytes, long targetFileSize) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, (long)
                Math.floor((double) bytes / targetFileSize + 1 - ROUND_UP_FROM)));
    }

    /**
     * The number of rows for the next file, so that the files still to be written have about the same size.
     *
     * @param rowsLeft rows still to be written, at least 1
     * @param bytesPerRow bytes that a row is expected to take in the output
     */
    static long rowsOfNextFile(long rowsLeft, double bytesPerRow, long targetFileSize) {
        int files = files((long) (rowsLeft * bytesPerRow), targetFileSize);
        return Math.max(1, (rowsLeft + files - 1) / files);
    }
}
