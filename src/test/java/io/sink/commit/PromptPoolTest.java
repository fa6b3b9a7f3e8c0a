package io.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.iceberg.util.Tasks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PromptPoolTest {
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final PromptPool pool = new PromptPool(threads);

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void a_task_that_is_asked_whether_it_is_done_says_so_once_it_is() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Future<?> task = pool.submit(() -> {
            begun.countDown();
            go.await();
            return null;
        });
        begun.await();
        threads.execute(go::countDown);

        assertThat(task.isDone()).isTrue();
    }

    @Test
    void every_task_is_run_and_a_failure_reaches_the_caller() {
        Set<Integer> ran = Collections.synchronizedSet(new HashSet<>());

        Tasks.range(100).executeWith(pool).run(ran::add);

        assertThat(ran)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 100).boxed().toList());
        assertThatThrownBy(() -> Tasks.range(100)
                        .stopOnFailure()
                        .throwFailureWhenFinished()
                        .executeWith(pool)
                        .run(at -> {
                            throw new IllegalStateException("task " + at);
                        }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("task ");
    }

    @Test
    void who_is_interrupted_while_asking_is_interrupted_still() {
        CountDownLatch never = new CountDownLatch(1);
        Future<?> task = pool.submit(() -> {
            never.await();
            return null;
        });
        Thread.currentThread().interrupt();

        assertThat(task.isDone()).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }
}
