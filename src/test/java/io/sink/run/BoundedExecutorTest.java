package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BoundedExecutorTest {

    @Test
    void hands_on_every_result_once() {
        List<Integer> results = new ArrayList<>();

        try (BoundedExecutor<Integer> work = new BoundedExecutor<>(4, results::add, () -> false)) {
            for (int i = 0; i < 20; i++) {
                int number = i;
                work.submit(() -> {
                    Thread.sleep(number % 3 == 0 ? 20 : 0);
                    return number;
                });
            }
            work.drain();
        }

        assertThat(results)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 20).boxed().toList());
    }

    @Test
    void keeps_the_order_where_one_is_at_work_at_a_time() {
        List<Integer> results = new ArrayList<>();

        try (BoundedExecutor<Integer> work = new BoundedExecutor<>(1, results::add, () -> false)) {
            for (int i = 0; i < 20; i++) {
                int number = i;
                work.submit(() -> number);
            }
            work.drain();
        }

        assertThat(results)
                .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
    }

    /** The slow one ends only when all others have been handed on: were it waited for, this would never end. */
    @Test
    @Timeout(30)
    void goes_on_with_the_others_while_one_takes_long() {
        List<Integer> results = new ArrayList<>();
        CountDownLatch others = new CountDownLatch(50);

        try (BoundedExecutor<Integer> work = new BoundedExecutor<>(
                2,
                number -> {
                    results.add(number);
                    others.countDown();
                },
                () -> false)) {
            work.submit(() -> {
                others.await();
                return -1;
            });
            for (int i = 0; i < 51; i++) {
                int number = i;
                work.submit(() -> number);
            }
            work.drain();
        }

        assertThat(results).hasSize(52);
        assertThat(results.indexOf(-1)).isGreaterThanOrEqualTo(50);
    }

    @Test
    void works_on_no_more_at_once_than_allowed() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();

        try (BoundedExecutor<Integer> work = new BoundedExecutor<>(3, result -> {}, () -> false)) {
            for (int i = 0; i < 30; i++) {
                work.submit(() -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    Thread.sleep(2);
                    return now.decrementAndGet();
                });
            }
            work.drain();
        }

        assertThat(most.get()).isBetween(1, 3);
    }

    @Test
    void throws_what_a_task_threw() {
        try (BoundedExecutor<String> work = new BoundedExecutor<>(1, result -> {}, () -> false)) {
            work.submit(() -> {
                throw new StackOverflowError("deep");
            });

            assertThatThrownBy(work::drain).isInstanceOf(StackOverflowError.class);
        }
    }

    @Test
    void waits_for_tables_at_work_when_the_walk_ends_early() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();

        try (BoundedExecutor<String> work = new BoundedExecutor<>(2, result -> {}, () -> false)) {
            work.submit(() -> {
                begun.countDown();
                Thread.sleep(100);
                ended.set(true);
                return "";
            });
            begun.await();
        }

        assertThat(ended).isTrue();
    }

    @Test
    void abandons_no_table_when_the_thread_is_interrupted() {
        List<String> results = new ArrayList<>();

        try (BoundedExecutor<String> work = new BoundedExecutor<>(1, results::add, () -> false)) {
            work.submit(() -> {
                Thread.sleep(50);
                return "done";
            });
            Thread.currentThread().interrupt();
            work.drain();
        }

        assertThat(results).containsExactly("done");
        assertThat(Thread.interrupted()).isTrue();
    }

    /** The latch never opens: were it waited for, this would never end. */
    @Test
    @Timeout(30)
    void gives_up_what_hangs_once_the_time_is_over() {
        List<String> results = new ArrayList<>();
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean over = new AtomicBoolean();

        try (BoundedExecutor<String> work = new BoundedExecutor<>(2, results::add, over::get)) {
            work.submit(job(
                    () -> {
                        awaitDeaf(never);
                        return "late";
                    },
                    () -> Optional.of("given up")));
            work.submit(() -> "done");
            over.set(true);
            work.drain();
            work.submit(() -> "after");
            work.drain();
        }

        assertThat(results).containsExactlyInAnyOrder("done", "given up", "after");
    }

    @Test
    @Timeout(30)
    void waits_beyond_its_time_for_what_must_not_be_given_up_yet() {
        List<String> results = new ArrayList<>();
        CountDownLatch answer = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();

        try (BoundedExecutor<String> work = new BoundedExecutor<>(1, results::add, () -> true)) {
            work.submit(job(
                    () -> {
                        answer.await();
                        return "committed";
                    },
                    () -> {
                        if (asked.incrementAndGet() == 3) {
                            answer.countDown();
                        }
                        return Optional.empty();
                    }));
            work.drain();
        }

        assertThat(results).containsExactly("committed");
        assertThat(asked.get()).isGreaterThanOrEqualTo(3);
    }

    private static <T> BoundedExecutor.Job<T> job(Callable<T> work, Supplier<Optional<T>> givenUp) {
        return new BoundedExecutor.Job<>() {
            @Override
            public T call() throws Exception {
                return work.call();
            }

            @Override
            public Optional<T> givenUp() {
                return givenUp.get();
            }
        };
    }

    /** As a read from a socket: no interrupt ends it. */
    private static void awaitDeaf(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException deaf) {
                Thread.onSpinWait();
            }
        }
    }
}
