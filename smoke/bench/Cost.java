package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.PeakMemory;

/**
 * What a whole process cost, from its start to its end.
 *
 * @param wall seconds
 * @param cpu seconds of all its threads, in the program and in the kernel
 * @param peakMb the most memory that it had resident, in MB; 0 where it was gone before anyone looked
 */
public record Cost(double wall, double cpu, long peakMb) {
    private static final Pattern TIME = Pattern.compile("([0-9]+)m([0-9.]+)s");
    private static final long LOOK_EVERY_MS = 20;

    /** Starts the process, waits for it, and says what it cost; the shell around it counts the time of its child. */
    static Cost of(ProcessBuilder process, Path log) throws IOException, InterruptedException {
        Path times = Files.createTempFile("sink-bench", ".times");
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", "-c", "t=$1; shift; \"$@\"; s=$?; times >\"$t\"; exit $s", "sh", times.toString()));
        command.addAll(process.command());
        long start = System.nanoTime();
        Process running = process.command(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long peak = 0;
        try {
            peak = peak(running);
        } finally {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
        }
        double wall = (System.nanoTime() - start) / 1e9;
        if (running.waitFor() != 0) {
            throw new IllegalStateException(
                    command + " ended with " + running.exitValue() + ":\n" + Files.readString(log));
        }
        double cpu = children(Files.readAllLines(times));
        Files.delete(times);
        return new Cost(wall, cpu, peak >> 10);
    }

    /** The second line is of the children: user and system. */
    private static double children(List<String> times) {
        Matcher time = TIME.matcher(times.get(1));
        double seconds = 0;
        while (time.find()) {
            seconds += 60 * Double.parseDouble(time.group(1)) + Double.parseDouble(time.group(2));
        }
        return seconds;
    }

    private static long peak(Process shell) throws InterruptedException {
        long peak = 0;
        while (true) {
            try {
                shell.onExit().get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
                return peak;
            } catch (TimeoutException running) {
                long now = shell.descendants()
                        .mapToLong(child -> PeakMemory.highWater(child.pid()))
                        .max()
                        .orElse(0);
                peak = Math.max(peak, now);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The middle one of several runs in each figure, and the highest of their peaks. */
    static Cost middle(List<Cost> runs) {
        return new Cost(
                median(runs.stream().map(Cost::wall).toList()),
                median(runs.stream().map(Cost::cpu).toList()),
                runs.stream().mapToLong(Cost::peakMb).max().orElse(0));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }
}
