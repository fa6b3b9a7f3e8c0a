package io.sink.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Schedules drawn from seeds: writers, runs of the program, failures and deaths at every kind of call. After each, every
 * snapshot has its rows and its files, and nothing that a run wrote is left.
 *
 * <p>{@code -Dsink.schedules=N} says how many, {@code -Dsink.seed=S} from which seed on.
 */
class SimulatorTest {
    private static final int SCHEDULES = Integer.getInteger("sink.schedules", 150);
    private static final long FIRST = Long.getLong("sink.seed", 1_000_000);

    @Test
    void no_schedule_loses_a_row_or_a_file() {
        Map<String, Integer> reasons = new TreeMap<>();
        List<String> failed = new ArrayList<>();
        long begin = System.nanoTime();
        LongStream.range(FIRST, FIRST + SCHEDULES).forEach(seed -> {
            Schedule schedule = Schedule.draw(seed);
            Schedule.Outcome outcome = schedule.play();
            outcome.reasons().forEach((reason, count) -> reasons.merge(reason, count, Integer::sum));
            if (!outcome.violations().isEmpty() && failed.size() < 5) {
                failed.add(describe(shrunk(new Failing(schedule, outcome))));
            }
        });
        System.out.printf(
                "SimulatorTest: %d schedules from seed %d on in %.1f s: %s%n",
                SCHEDULES, FIRST, (System.nanoTime() - begin) / 1e9, reasons);

        assertThat(failed).isEmpty();
    }

    private record Failing(Schedule schedule, Schedule.Outcome outcome) {}

    /** The same with as little as it takes. */
    private static Failing shrunk(Failing failing) {
        for (Schedule smaller : failing.schedule().smaller()) {
            Schedule.Outcome outcome = smaller.play();
            if (!outcome.violations().isEmpty()) {
                return shrunk(new Failing(smaller, outcome));
            }
        }
        return failing;
    }

    private static String describe(Failing failing) {
        return "repeat with -Dsink.seed=" + failing.schedule().seed() + " -Dsink.schedules=1\n  "
                + String.join("\n  ", failing.outcome().story()) + "\n  VIOLATED "
                + String.join("\n  VIOLATED ", failing.outcome().violations());
    }
}
