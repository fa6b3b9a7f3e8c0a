package lib;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a process took.
 *
 * @param peak the most memory, in KiB, that it ever had
 * @param cpu the time of all its threads, but for what came after the last look at it, at most a twentieth of a second
 */
public record Cost(long peak, Duration cpu) {
    private static final long LOOK_MILLIS = 50;

    /** Waits for the end of a process. */
    public static Cost of(ProcessHandle process) throws InterruptedException, ExecutionException {
        long peak = 0;
        Duration cpu = Duration.ZERO;
        while (true) {
            try {
                process.onExit().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return new Cost(peak, cpu);
            } catch (TimeoutException running) {
                peak = Math.max(peak, PeakMemory.highWater(process.pid()));
                cpu = process.info().totalCpuDuration().orElse(cpu);
            }
        }
    }

    @Override
    public String toString() {
        return "%.1f CPU s, peak of %d MB resident".formatted(cpu.toMillis() / 1000.0, peak >> 10);
    }
}
