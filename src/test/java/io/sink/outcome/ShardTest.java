package io.sink.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {

    @Test
    void has_each_table_once_and_its_share_of_many() {
        int[] sizes = new int[16];
        for (int table = 0; table < 16_000; table++) {
            String name = "lake.web.t" + table;
            int[] in = IntStream.rangeClosed(1, 16)
                    .filter(number -> new Shard(number, 16).has(name))
                    .toArray();
            assertThat(in).as(name).hasSize(1);
            sizes[in[0] - 1]++;
        }
        assertThat(Arrays.stream(sizes).boxed()).allMatch(size -> size > 850 && size < 1150);
    }

    /** By {@code printf %s NAME | sha256sum}: a version that divides otherwise would do some tables twice and others not. */
    @ParameterizedTest
    @CsvSource({"lake.web.events,c1296c911daacca6", "lake.web.`a.b`,4bf8d2817c6e1c2d"})
    void has_the_same_tables_in_every_version(String name, String firstBytes) {
        for (int count : new int[] {2, 3, 16, 1000}) {
            int number = (int) Long.remainderUnsigned(Long.parseUnsignedLong(firstBytes, 16), count) + 1;

            assertThat(new Shard(number, count).has(name))
                    .as("%s of %d", number, count)
                    .isTrue();
        }
    }

    @Test
    void of_one_has_everything() {
        assertThat(Shard.of("1/1").has("lake.web.events")).isTrue();
        assertThat(Shard.of("1/1").isPart()).isFalse();
    }

    @Test
    void reads_what_it_writes() {
        assertThat(Shard.of("3/16")).isEqualTo(new Shard(3, 16)).hasToString("3/16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "0/16", "17/16", "3/0", "-1/16", "3/16/2", "3 / 16", "03/16", "1/1000000000000"})
    void is_refused_with_an_example(String text) {
        assertThatThrownBy(() -> Shard.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3/16");
    }
}
