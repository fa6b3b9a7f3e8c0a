package io.sink.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Directories as a test sees them: everything in them, before and after. */
public final class Trees {

    private Trees() {}

    /** Every entry below a directory by relative path, with a checksum of its content; directories have none. */
    public static SortedMap<String, Long> contents(Path root) {
        SortedMap<String, Long> contents = new TreeMap<>();
        for (Path path : walk(root)) {
            contents.put(root.relativize(path).toString(), Files.isRegularFile(path) ? checksum(path) : -1L);
        }
        return contents;
    }

    /** Deletes a directory and everything in it. */
    public static void delete(Path root) {
        walk(root).stream().sorted(Comparator.reverseOrder()).forEach(path -> {
            try {
                Files.delete(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static List<Path> walk(Path root) {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long checksum(Path file) {
        try {
            CRC32 checksum = new CRC32();
            checksum.update(Files.readAllBytes(file));
            return checksum.getValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
