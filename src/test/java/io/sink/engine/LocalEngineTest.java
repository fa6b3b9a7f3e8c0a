package io.sink.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalEngineTest {
    private final LocalEngine engine = new LocalEngine(1, new MemoryBudget(1 << 20));

    private record Made(IntFunction<String> work, long least) implements Task<Integer, String> {
        @Override
        public Need need(Integer item) {
            return new Need(least, least);
        }

        @Override
        public String run(Integer item, long memory) {
            return work.apply(item);
        }
    }

    @Test
    void answers_stand_in_the_order_of_their_items() {
        assertThat(engine.run(List.of(3, 1, 2), new Made(Integer::toString, 0))).containsExactly("3", "1", "2");
    }

    @Test
    void after_a_failure_nothing_more_is_begun_and_the_failure_is_what_comes_of_it() {
        List<Integer> begun = Collections.synchronizedList(new ArrayList<>());
        Made work = new Made(
                item -> {
                    begun.add(item);
                    if (item == 2) {
                        throw new IllegalStateException("two");
                    }
                    return "done";
                },
                0);

        assertThatThrownBy(() -> engine.run(List.of(1, 2, 3, 4), work)).hasMessage("two");

        assertThat(begun).containsExactly(1, 2);
    }

    @Test
    void an_item_that_can_never_have_its_memory_is_found_out_before_anything_is_begun() {
        Made large = new Made(Integer::toString, 2 << 20);

        assertThatThrownBy(() -> engine.require(List.of(1), large)).isInstanceOf(MemoryBudgetException.class);
        assertThatThrownBy(() -> engine.run(List.of(1), large)).isInstanceOf(MemoryBudgetException.class);
        engine.require(List.of(1), new Made(Integer::toString, 1 << 20));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void neither_an_interrupt_nor_a_failure_ends_it_while_a_task_is_at_work(boolean interrupt) {
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Made work = new Made(
                item -> {
                    if (item == 2) {
                        begun.countDown();
                        await(new CountDownLatch(1), 300);
                        done.set(true);
                        return "two";
                    }
                    await(begun, 10_000);
                    if (interrupt) {
                        return "one";
                    }
                    throw new IllegalStateException("one");
                },
                0);
        if (interrupt) {
            Thread.currentThread().interrupt();
        }

        try {
            new LocalEngine(2, new MemoryBudget(1 << 20)).run(List.of(1, 2), work);
        } catch (RuntimeException e) {
            assertThat(interrupt || "one".equals(e.getMessage()))
                    .as(e.toString())
                    .isTrue();
        }

        assertThat(Thread.interrupted()).isEqualTo(interrupt);
        assertThat(done).isTrue();
    }

    private static void await(CountDownLatch latch, long millis) {
        try {
            latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
