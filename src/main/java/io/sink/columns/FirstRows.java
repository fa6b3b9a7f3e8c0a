package io.sink.columns;

/** Counts the rows of the pages of a chunk, to know the number of the first row of each. */
final class FirstRows {
    private static final long WITHIN_A_ROW = -1;

    private final long[] firsts;
    private int page;
    private long rows;

    /** @param pages how many there are */
    FirstRows(int pages) {
        this.firsts = new long[pages];
    }

    /** Begins a page. */
    void begin(int number) {
        page = number;
        firsts[number] = rows;
    }

    /**
     * Adds entries of the page.
     *
     * @param repetition their repetition levels; null if each is a row
     * @param first whether they are the first ones of the page
     */
    void add(int[] repetition, int from, int count, boolean first) {
        if (first && count > 0 && repetition[from] > 0) {
            firsts[page] = WITHIN_A_ROW;
        }
        for (int i = from; i < from + count; i++) {
            rows += repetition[i] == 0 ? 1 : 0;
        }
    }

    /** Adds entries of the page of which each is a row. */
    void add(int count) {
        rows += count;
    }

    /** Whether the page has another number of rows than this, as far as that can be known. */
    boolean differs(long ofPage) {
        return firsts[page] != WITHIN_A_ROW && rows - firsts[page] != ofPage;
    }

    /** The number of the first row of each page; -1 for one that begins within a row. */
    long[] all() {
        return firsts.clone();
    }
}
