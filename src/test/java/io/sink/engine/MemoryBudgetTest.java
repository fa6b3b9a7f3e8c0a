package io.sink.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final long MIB = 1 << 20;

    private final MemoryBudget budget = new MemoryBudget(8 * MIB);

    @Test
    void what_is_wanted_is_given_and_no_more_than_there_is() {
        try (var some = budget.reserve(new Need(MIB, 3 * MIB))) {
            assertThat(some.bytes()).isEqualTo(3 * MIB);
        }
        try (var all = budget.reserve(new Need(MIB, 80 * MIB))) {
            assertThat(all.bytes()).isEqualTo(8 * MIB);
        }
    }

    @Test
    void what_can_never_be_enough_is_refused_with_what_to_set() {
        assertThatThrownBy(() -> budget.reserve(new Need(8 * MIB + 1, 9 * MIB)))
                .isInstanceOf(MemoryBudgetException.class)
                .hasMessageContaining("needs 9 MiB of memory at once, and 8 MiB of the heap of")
                .hasMessageMatching(".*set -Xmx\\d+m or more");
    }

    @Test
    void work_that_does_not_fit_beside_others_waits_until_they_are_done() throws Exception {
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        Task<Integer, Integer> task = new Task<>() {
            @Override
            public Need need(Integer mib) {
                return new Need(mib * MIB, mib * MIB);
            }

            @Override
            public Integer run(Integer mib, long memory) {
                most.accumulateAndGet(held.addAndGet(memory), Math::max);
                held.addAndGet(-memory);
                return mib;
            }
        };
        List<Integer> items = IntStream.range(0, 64).map(i -> 1 + i % 8).boxed().toList();

        List<Integer> answers = new LocalEngine(8, budget).run(items, task);

        assertThat(answers).isEqualTo(items);
        assertThat(most.get()).isBetween(8 * MIB, 8 * MIB);
        assertThat(held).hasValue(0);
        try (var all = budget.reserve(new Need(8 * MIB, 8 * MIB))) {
            assertThat(all.bytes()).isEqualTo(8 * MIB);
        }
    }

    @Test
    void a_failure_gives_its_memory_back_and_one_that_waits_is_served_in_turn() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService other = Executors.newSingleThreadExecutor();
        Future<?> holder = other.submit(() -> {
            try (var all = budget.reserve(new Need(8 * MIB, 8 * MIB))) {
                taken.countDown();
                release.await();
                throw new IllegalStateException("the disk of the test is full");
            }
        });
        taken.await();
        Thread waiting = new Thread(() -> budget.reserve(new Need(MIB, MIB)).close());
        waiting.start();
        waiting.join(100);
        assertThat(waiting.isAlive()).isTrue();

        release.countDown();
        assertThatThrownBy(holder::get).hasMessageContaining("disk of the test");
        waiting.join(TimeUnit.SECONDS.toMillis(30));

        assertThat(waiting.isAlive()).isFalse();
        other.shutdown();
    }
}
