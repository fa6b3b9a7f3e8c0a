package io.sink.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.engine.MemoryBudget;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * After each test class all of the memory budgets is free again: what is held for good makes work of a later class, in
 * the same process, wait for ever. Registered for all of them.
 */
public final class NothingHeld implements AfterAllCallback {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        // Work that a test gave up may still be about to give it back.
        while (held() > 0 && Instant.now().isBefore(end)) {
            Thread.sleep(50);
        }
        assertThat(held())
                .as("KiB of the memory budgets that %s never gave back", context.getDisplayName())
                .isZero();
    }

    private static long held() throws ReflectiveOperationException {
        return held(MemoryBudget.work()) + held(MemoryBudget.tables());
    }

    private static long held(MemoryBudget budget) throws ReflectiveOperationException {
        Field free = MemoryBudget.class.getDeclaredField("free");
        free.setAccessible(true);
        return budget.total() / 1024 - ((Semaphore) free.get(budget)).availablePermits();
    }
}
