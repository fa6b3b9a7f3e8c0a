package io.sink.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

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
}
