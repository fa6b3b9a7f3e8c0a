package io.sink.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Every file of a small directory, kept in memory, so that a test can put the directory back as it was. */
public final class SavedTree {
    private final Path root;
    private final SortedMap<Path, byte[]> files;

    private SavedTree(Path root, SortedMap<Path, byte[]> files) {
        this.root = root;
        this.files = files;
    }

    public static SavedTree of(Path root) {
        SortedMap<Path, byte[]> files = new TreeMap<>();
        for (Path file : files(root)) {
            try {
                files.put(file, Files.readAllBytes(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new SavedTree(root, files);
    }

    /** The files that are there now. */
    public static TreeSet<Path> files(Path root) {
        try (Stream<Path> paths = Files.walk(root)) {
            TreeSet<Path> files = new TreeSet<>();
            paths.filter(Files::isRegularFile).forEach(files::add);
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files that were saved. */
    public TreeSet<Path> files() {
        return new TreeSet<>(files.keySet());
    }

    /** Whether the file is there and is what it was. */
    public boolean intact(Path file) {
        try {
            return Files.exists(file) && Arrays.equals(files.get(file), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts every file back and takes away every other. */
    public void restore() {
        try {
            for (Path file : files(root)) {
                if (!files.containsKey(file)) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restoreBeside();
    }

    /** Puts every file back, and leaves every other. */
    public void restoreBeside() {
        try {
            for (var file : files.entrySet()) {
                if (!intact(file.getKey())) {
                    Files.createDirectories(file.getKey().getParent());
                    Files.write(file.getKey(), file.getValue());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
