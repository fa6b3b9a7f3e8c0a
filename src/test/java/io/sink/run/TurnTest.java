package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnTest {

    /** A table of a fleet that is maintained once a day. */
    private static final class Waiting {
        private final int filesADay;
        private long files;
        private int waited;
        private int turns;

        Waiting(int filesADay) {
            this.filesADay = filesADay;
        }

        double claim() {
            return Turn.claimFor(files, 10, Duration.ofDays(waited));
        }
    }

    @Test
    void nobody_starves_over_ten_runs_though_each_does_a_fifth_of_the_tables() {
        // from one file a day to a thousand
        List<Waiting> fleet = IntStream.range(0, 50)
                .mapToObj(i -> new Waiting((int) Math.pow(1.152, i)))
                .toList();

        for (int run = 0; run < 10; run++) {
            fleet.forEach(table -> {
                table.files += table.filesADay;
                table.waited++;
            });
            fleet.stream()
                    .sorted(Comparator.comparingDouble(Waiting::claim).reversed())
                    .limit(10)
                    .forEach(table -> {
                        table.files = 1;
                        table.waited = 0;
                        table.turns++;
                    });
        }

        assertThat(fleet).allSatisfy(table -> assertThat(table.turns).isPositive());
        assertThat(fleet.get(49).turns).isGreaterThan(fleet.get(0).turns);
    }

    @Test
    void the_most_to_gain_comes_first_among_those_that_waited_alike() {
        assertThat(Turn.claimFor(1_000, 1, Duration.ofDays(1))).isGreaterThan(Turn.claimFor(10, 1, Duration.ofDays(1)));
        assertThat(Turn.claimFor(10, 1, Duration.ofDays(200)))
                .isGreaterThan(Turn.claimFor(1_000, 1, Duration.ofDays(1)));
        assertThat(Turn.claimFor(10, 1, Duration.ofDays(-3))).isEqualTo(Turn.claimFor(10, 1, Duration.ZERO));
    }
}
