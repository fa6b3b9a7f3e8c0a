package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.engine.Need;
import org.junit.jupiter.api.Test;

class FootprintTest {
    private static final long MB = 1 << 20;

    @Test
    void a_value_that_is_large_is_there_twice_beside_its_chunk_whatever_it_was_packed_to() {
        Footprint small = new Footprint(MB, 60 * MB, MB, 60 * MB, 1, 0);
        Footprint large = small.plus(new Footprint(MB, 60 * MB, MB, 60 * MB, 60 * MB, 0));

        assertThat(large.leastByPages() - small.leastByPages()).isBetween(119 * MB, 120 * MB);
        assertThat(large.leastByRecords() - small.leastByRecords()).isBetween(119 * MB, 120 * MB);
        Need need = large.need(true, 128 * MB);
        assertThat(need.least()).isGreaterThan(120 * MB);
        assertThat(need.wanted()).isGreaterThanOrEqualTo(need.least());
    }
}
