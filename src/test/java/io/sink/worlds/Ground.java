package io.sink.worlds;

import io.sink.testing.LocatedFileIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.iceberg.io.FileIO;

/**
 * Where a world's files are: one directory on local disk, which is either what locations name or what an S3 server
 * shows.
 *
 * <p>A file's identity is its path on disk, so that two spellings of one file are one file. Nothing here is the
 * program's.
 *
 * @param root the location of the directory, without a slash at its end
 * @param directory the directory itself
 * @param properties what a catalog needs to read locations of this ground
 */
record Ground(String root, Path directory, Map<String, String> properties) {
    /** Older than the age from which a sweep takes files. */
    private static final Duration OLD = Duration.ofDays(4);

    Ground {
        properties = Map.copyOf(properties);
    }

    boolean onS3() {
        return root.startsWith("s3://");
    }

    /** The file that a location names; nothing is decoded, and nothing is cut off. */
    Path locate(String location) {
        if (!onS3()) {
            return Path.of(location.replaceFirst("^file:/*", "/")).normalize();
        }
        String normal = location.replaceFirst("^s3[an]?://", "s3://");
        if (!normal.startsWith(root)) {
            throw new IllegalArgumentException(location + " is not below " + root);
        }
        return directory.resolve(normal.substring(root.length()).replaceFirst("^/+", ""));
    }

    /** The plain location of a file. */
    String location(Path file) {
        return root + "/" + directory.relativize(file);
    }

    /** Whether the storage resolves the file's location to another file: Iceberg's S3 locations end at these. */
    boolean isCut(Path file) {
        return onS3() && (file.toString().contains("#") || file.toString().contains("?"));
    }

    /** Copies bytes to a new file and gives it the age that makes it an orphan if nothing names it. */
    void put(Path file, byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
            age(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void age(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(OLD)));
    }

    /** Makes every file old. */
    void age() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                age(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a sweep may not yet look at the file. */
    static boolean isYoung(Path file) {
        try {
            return Files.getLastModifiedTime(file)
                    .toInstant()
                    .isAfter(Instant.now().minus(Duration.ofDays(3)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every file with a checksum of its content. */
    SortedMap<Path, Long> files() {
        try (Stream<Path> walk = Files.walk(directory)) {
            SortedMap<Path, Long> files = new TreeMap<>();
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                CRC32 checksum = new CRC32();
                checksum.update(Files.readAllBytes(file));
                files.put(file, checksum.getValue());
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Iceberg's way to the files, past the program's storage and past S3. */
    FileIO io() {
        return new LocatedFileIO(this::locate);
    }
}
