package io.sink.engine;

import java.util.concurrent.Semaphore;

/**
 * Memory that work reserves before it begins. Requests are served in their order, and wait until there is enough; a
 * request that can never be met is refused.
 *
 * <p>Sizes are estimates of what is held at once. Beside both budgets the heap has room for garbage
 * and for what is too small to be reserved. A holder of a part of one budget must not ask for more of the same budget.
 *
 * @ref LLP 0024#budgets
 */
public final class MemoryBudget {
    private static final int UNIT = 1024;
    private static final long HEAP = Runtime.getRuntime().maxMemory();
    private static final MemoryBudget WORK = new MemoryBudget(HEAP / 2);
    private static final MemoryBudget TABLES = new MemoryBudget(HEAP / 4);

    private final int units;
    private final Semaphore free;

    /** @param bytes that may be reserved at once */
    public MemoryBudget(long bytes) {
        this.units = (int) Math.min(Integer.MAX_VALUE, bytes / UNIT);
        this.free = new Semaphore(units, true);
    }

    /** Half of this JVM's heap: for what is done with data, and for metadata while it is parsed. */
    public static MemoryBudget work() {
        return WORK;
    }

    /** A quarter of this JVM's heap: for what is known of the tables that are at work. */
    public static MemoryBudget tables() {
        return TABLES;
    }

    /** Bytes that can be reserved when nothing else is. */
    public long total() {
        return (long) units * UNIT;
    }

    /**
     * Waits until the wanted memory is free, or the whole budget if that is less, and reserves it.
     *
     * @throws MemoryBudgetException if the whole budget is less than the least that is needed
     */
    public Reservation reserve(Need need) {
        require(need);
        int taken = (int) Math.min(units, (need.wanted() + UNIT - 1) / UNIT);
        free.acquireUninterruptibly(taken);
        return new Reservation(taken);
    }

    /** @throws MemoryBudgetException if the whole budget is less than the least that is needed */
    public void require(Need need) {
        if (need.least() > total()) {
            throw new MemoryBudgetException(need.least(), total(), HEAP);
        }
    }

    /** A part of the budget, until it is closed. */
    public final class Reservation implements AutoCloseable {
        private int held;

        private Reservation(int held) {
            this.held = held;
        }

        /** Bytes that were reserved. */
        public long bytes() {
            return (long) held * UNIT;
        }

        /** Gives it back; once. */
        @Override
        public synchronized void close() {
            free.release(held);
            held = 0;
        }
    }
}
