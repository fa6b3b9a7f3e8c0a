package lib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The memory of a process that runs. */
public final class PeakMemory {
    private PeakMemory() {}

    /**
     * Waits for the end of a process.
     *
     * @return the most memory, in KiB, that it ever had, as far as the system tells before it is gone
     */
    public static long of(ProcessHandle process) throws InterruptedException, ExecutionException {
        long peak = 0;
        while (true) {
            try {
                process.onExit().get(100, TimeUnit.MILLISECONDS);
                return peak;
            } catch (TimeoutException running) {
                peak = Math.max(peak, highWater(process.pid()));
            }
        }
    }

    /** The most memory, in KiB, that a process ever had; 0 once it is gone. */
    public static long highWater(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException gone) {
            return 0;
        }
    }
}
