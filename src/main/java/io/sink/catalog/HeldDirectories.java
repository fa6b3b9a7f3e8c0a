package io.sink.catalog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Deletes regular files below one directory and nowhere else. Each directory on the way is held open, and every
 * operation goes through that handle, never through a path. So no directory that is exchanged for a link can lead out.
 *
 * <p>Links on a path are resolved once, to its real path, which must lie below the root. That path is then walked from
 * the root of the disk, and a link on it ends the walk. At most the directories on the way to one file are open. On a
 * file system without such handles the real path is checked right before each deletion, which leaves a short gap.
 *
 * <p>Not safe for use by several threads.
 *
 * @ref LLP 0000#own-locations
 */
final class HeldDirectories implements Closeable {

    /** A file was not deleted; the message is the reason. */
    static final class NotOursException extends IOException {
        private static final long serialVersionUID = 1L;

        NotOursException(String why) {
            super(why);
        }
    }

    /** The disk, which tests replace. */
    interface Disk {
        /** The disk of this machine. */
        Disk HERE = new Disk() {};

        default Path realPath(Path path) throws IOException {
            return path.toRealPath();
        }

        default DirectoryStream<Path> open(Path directory) throws IOException {
            return Files.newDirectoryStream(directory);
        }
    }

    private static final String EXCHANGED = "a directory on its path was exchanged during the deletion";

    private final Disk disk;
    private final Path root;
    /** The root and the directories below it that lead to the last file; empty before the first. */
    private final Deque<Held> held = new ArrayDeque<>();

    private @Nullable Path parent;
    private @Nullable Path realParent;
    private boolean withoutHandles;

    /**
     * @param root a real path
     */
    HeldDirectories(Path root, Disk disk) {
        this.root = root;
        this.disk = disk;
    }

    /** An open directory. */
    private record Held(
            Path path,
            SecureDirectoryStream<Path> handle,
            @Nullable Object key) {

        static Held of(Path path, SecureDirectoryStream<Path> handle) throws IOException {
            try {
                BasicFileAttributeView view = handle.getFileAttributeView(BasicFileAttributeView.class);
                return new Held(path, handle, view.readAttributes().fileKey());
            } catch (IOException | RuntimeException e) {
                handle.close();
                throw e;
            }
        }

        BasicFileAttributes attributes(Path name) throws IOException {
            return handle.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        }

        /** Opens a directory in this one; fails if it is a link or no directory. */
        Held open(Path name) throws IOException {
            // Opening a pipe would wait for its writer.
            if (!attributes(name).isDirectory()) {
                throw new NotOursException(EXCHANGED);
            }
            return of(path.resolve(name), handle.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS));
        }
    }

    /**
     * Deletes a file.
     *
     * @throws NoSuchFileException if it is not there
     * @throws NotOursException if it is not a regular file, or not certainly below the root
     */
    void delete(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path name = absolute.getFileName();
        Path directory = absolute.getParent();
        if (name == null || directory == null) {
            throw new NotOursException("it is the root of the disk");
        }
        if (!directory.equals(parent)) {
            enter(directory);
        }
        Held last = held.peekLast();
        if (withoutHandles || last == null) {
            deleteByPath(directory, name);
            return;
        }
        checkRegular(last.attributes(name));
        last.handle().deleteFile(name);
    }

    private void enter(Path directory) throws IOException {
        parent = null;
        Path real = disk.realPath(directory);
        checkBelow(real);
        if (!withoutHandles) {
            try {
                hold(real);
            } catch (AccessDeniedException e) {
                throw e;
            } catch (FileSystemException e) {
                // The path was real a moment ago; now a part of it is missing, a link or a file.
                throw new NotOursException(EXCHANGED + ": " + e);
            }
        }
        parent = directory;
    }

    private void checkBelow(Path real) throws NotOursException {
        if (!real.startsWith(root)) {
            throw new NotOursException("a symbolic link on its path leads out of the table's own locations");
        }
    }

    private static void checkRegular(BasicFileAttributes attributes) throws NotOursException {
        if (!attributes.isRegularFile()) {
            throw new NotOursException(
                    attributes.isSymbolicLink()
                            ? "it is a symbolic link"
                            : attributes.isDirectory() ? "it is a directory" : "it is not a regular file");
        }
    }

    /** Keeps the open handles that are still on this path, closes the others, and opens the rest of the path. */
    private void hold(Path real) throws IOException {
        if (held.isEmpty()) {
            Held first = openRoot();
            if (first == null) {
                withoutHandles = true;
                return;
            }
            held.add(first);
        }
        Path way = root.relativize(real);
        List<Held> kept = new ArrayList<>();
        Iterator<Held> open = held.iterator();
        kept.add(open.next());
        List<Path> names = new ArrayList<>();
        if (!way.toString().isEmpty()) {
            way.forEach(names::add);
        }
        while (open.hasNext() && kept.size() <= names.size()) {
            Held next = open.next();
            Held above = kept.get(kept.size() - 1);
            Path name = names.get(kept.size() - 1);
            if (!next.path().equals(above.path().resolve(name))
                    || !Objects.equals(next.key(), above.attributes(name).fileKey())) {
                break;
            }
            kept.add(next);
        }
        while (held.size() > kept.size()) {
            held.removeLast().handle().close();
        }
        for (Path name : names.subList(kept.size() - 1, names.size())) {
            held.add(held.getLast().open(name));
        }
    }

    /** The root, opened; null if the file system has no handles. */
    private @Nullable Held openRoot() throws IOException {
        Path top = root.getRoot();
        if (top == null) {
            return null;
        }
        Held at = null;
        try {
            DirectoryStream<Path> opened = disk.open(top);
            if (!(opened instanceof SecureDirectoryStream<Path> handle)) {
                opened.close();
                return null;
            }
            at = Held.of(top, handle);
            for (Path name : root) {
                Held next = at.open(name);
                at.handle().close();
                at = next;
            }
            return at;
        } catch (AccessDeniedException unreadable) {
            close(at);
            return openUnreadable();
        } catch (IOException | RuntimeException e) {
            close(at);
            throw e;
        }
    }

    private static void close(@Nullable Held directory) throws IOException {
        if (directory != null) {
            directory.handle().close();
        }
    }

    /** For a directory above the root that may be entered and not listed: opens the root itself, then checks it. */
    private @Nullable Held openUnreadable() throws IOException {
        DirectoryStream<Path> opened = disk.open(root);
        if (!(opened instanceof SecureDirectoryStream<Path> handle)) {
            opened.close();
            return null;
        }
        Held at = Held.of(root, handle);
        try {
            Object key = Files.readAttributes(root, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
            if (!disk.realPath(root).equals(root) || !Objects.equals(at.key(), key)) {
                throw new NotOursException(EXCHANGED);
            }
            return at;
        } catch (IOException | RuntimeException e) {
            handle.close();
            throw e;
        }
    }

    private void deleteByPath(Path directory, Path name) throws IOException {
        Path real = disk.realPath(directory);
        checkBelow(real);
        Path file = real.resolve(name);
        checkRegular(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        Files.delete(file);
    }

    @Override
    public void close() throws IOException {
        while (!held.isEmpty()) {
            held.removeLast().handle().close();
        }
    }
}
