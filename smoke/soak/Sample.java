package soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * What a process holds between two runs of the program.
 *
 * @param second since the first run began
 * @param rounds runs so far
 * @param landed compactions that were committed so far
 * @param lost compactions that lost a race so far
 * @param heap KiB in use after a full collection
 * @param resident KiB of memory
 * @param descriptors open files and sockets
 * @param threads live threads
 * @param temporary files below the process's own temporary directory
 * @param state files in the directory of locks
 */
record Sample(
        long second,
        long rounds,
        long landed,
        long lost,
        long heap,
        long resident,
        long descriptors,
        long threads,
        long temporary,
        long state) {

    static Sample now(long second, long rounds, long landed, long lost, Path locks) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new Sample(
                second,
                rounds,
                landed,
                lost,
                (runtime.totalMemory() - runtime.freeMemory()) >> 10,
                memory(),
                files(Path.of("/proc/self/fd"), 1),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                files(Path.of(System.getProperty("java.io.tmpdir")), Integer.MAX_VALUE),
                files(locks, Integer.MAX_VALUE));
    }

    /** Entries below a directory, those that are gone while they are counted left out. */
    private static long files(Path directory, int depth) {
        AtomicLong count = new AtomicLong();
        try {
            Files.walkFileTree(directory, Set.of(), depth, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
                    return counted(each);
                }

                @Override
                public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
                    return counted(each);
                }

                @Override
                public FileVisitResult visitFileFailed(Path each, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }

                private FileVisitResult counted(Path each) {
                    count.addAndGet(each.equals(directory) ? 0 : 1);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return count.get();
    }

    private static long memory() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its numbers with commas between, in their order. */
    String line() {
        return Stream.of(second, rounds, landed, lost, heap, resident, descriptors, threads, temporary, state)
                .map(String::valueOf)
                .reduce((left, right) -> left + "," + right)
                .orElseThrow();
    }

    static Sample of(String line) {
        List<Long> of = Arrays.stream(line.split(",")).map(Long::valueOf).toList();
        return new Sample(
                of.get(0), of.get(1), of.get(2), of.get(3), of.get(4), of.get(5), of.get(6), of.get(7), of.get(8),
                of.get(9));
    }
}
