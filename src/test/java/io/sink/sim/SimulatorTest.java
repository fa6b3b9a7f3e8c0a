package io.sink.sim;

import static org.assertj.core.api.Assertions.fail;

import io.sink.testing.Seeds;
import java.net.URL;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Schedules drawn from seeds: writers, runs of the program, failures and deaths at every kind of call. After each,
 * every snapshot has its rows and its files, and nothing that a run wrote is left.
 *
 * <p>{@code -Dsink.schedules} says how many.
 */
@ExtendWith(Seeds.Given.class)
class SimulatorTest {
    private static final int SCHEDULES = 100;

    /**
     * Hadoop's configuration, which Iceberg makes anew for each Parquet file, reads 2,000 settings that nobody asks
     * for.
     */
    private static final ClassLoader WITHOUT_DEFAULTS = new ClassLoader(SimulatorTest.class.getClassLoader()) {
        @Override
        public @Nullable URL getResource(String name) {
            return name.endsWith("-default.xml") || name.endsWith("-site.xml") ? null : super.getResource(name);
        }
    };

    @Test
    void no_schedule_loses_a_row_or_a_file_or_tells_what_is_not_so(Seeds seeds) throws Exception {
        Map<String, Integer> reasons = new TreeMap<>();
        long begin = System.nanoTime();
        Thread.currentThread().setContextClassLoader(WITHOUT_DEFAULTS);
        seeds.each("sink.schedules", SCHEDULES, draws -> {
            Schedule schedule = Schedule.draw(draws.seed());
            Schedule.Outcome outcome = schedule.play();
            outcome.reasons().forEach((reason, count) -> reasons.merge(reason, count, Integer::sum));
            if (!outcome.violations().isEmpty()) {
                fail(describe(shrunk(new Failing(schedule, outcome))));
            }
        });
        System.out.printf("SimulatorTest: %.1f s: %s%n", (System.nanoTime() - begin) / 1e9, reasons);
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
        return "as little as it takes:\n  "
                + String.join("\n  ", failing.outcome().story()) + "\n  VIOLATED "
                + String.join("\n  VIOLATED ", failing.outcome().violations());
    }
}
