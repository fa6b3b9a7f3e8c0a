package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParallelTest {
    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final Set<Integer> done = ConcurrentHashMap.newKeySet();

    @AfterEach
    void end() {
        pool.shutdownNow();
    }

    @Test
    void does_all_of_them_and_several_at_once() {
        CyclicBarrier two = new CyclicBarrier(2);

        Parallel.each(pool, List.of(1, 2, 3, 4), number -> {
            await(two);
            done.add(number);
        });

        assertThat(done).containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @Test
    void throws_the_first_failure_with_the_others_and_begins_none_after_it() {
        CyclicBarrier two = new CyclicBarrier(2);

        Throwable thrown = catchThrowable(() ->
                Parallel.each(pool, IntStream.range(0, 100).boxed().toList(), number -> {
                    if (number < 2) {
                        await(two);
                        throw new IllegalStateException("no " + number);
                    }
                    done.add(number);
                }));

        assertThat(thrown).isInstanceOf(IllegalStateException.class).hasMessage("no 0");
        assertThat(thrown.getSuppressed())
                .singleElement()
                .satisfies(other -> assertThat(other).hasMessage("no 1"));
        assertThat(done).isEmpty();
    }

    @Test
    void lets_no_error_pass_for_success() {
        assertThatThrownBy(() -> Parallel.each(pool, List.of(1), number -> {
                    throw new LinkageError("not there");
                }))
                .isInstanceOf(LinkageError.class);
    }

    @Test
    void ends_when_it_is_interrupted_and_stays_so() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Thread waiting = new Thread(() -> {
            Throwable thrown = catchThrowable(() -> Parallel.each(pool, List.of(1), number -> {
                begun.countDown();
                await(new CyclicBarrier(2));
            }));
            seen.add(thrown.getMessage() + ", " + Thread.currentThread().isInterrupted());
        });
        waiting.start();
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();

        waiting.interrupt();
        waiting.join(TimeUnit.SECONDS.toMillis(30));

        assertThat(seen).containsExactly("interrupted while others were at work, true");
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
