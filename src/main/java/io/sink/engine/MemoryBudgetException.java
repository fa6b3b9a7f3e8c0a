package io.sink.engine;

/** Something needs more memory than may be reserved for it, however long it waits. */
public final class MemoryBudgetException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final long MIB = 1 << 20;

    /**
     * @param needed bytes that it needs
     * @param there bytes that there are at most
     * @param heap of this JVM, in bytes
     */
    MemoryBudgetException(long needed, long there, long heap) {
        super("needs %d MiB of memory at once, and %d MiB of the heap of %d MiB are for that: set -Xmx%dm or more"
                .formatted(up(needed), there / MIB, heap / MIB, up((long) Math.ceil((double) needed * heap / there))));
    }

    private static long up(long bytes) {
        return (bytes + MIB - 1) / MIB;
    }
}
