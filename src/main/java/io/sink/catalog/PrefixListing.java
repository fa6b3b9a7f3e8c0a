package io.sink.catalog;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.CloseableGroup;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;

/** The regular files under a string prefix of local disk; each directory is read as the walk reaches it. */
final class PrefixListing extends CloseableGroup implements CloseableIterable<FileInfo> {

    private final String prefix;

    PrefixListing(String prefix) {
        this.prefix = prefix;
        setSuppressCloseFailure(true);
    }

    @Override
    public CloseableIterator<FileInfo> iterator() {
        Walk walk = new Walk(prefix);
        addCloseable(walk);
        return walk;
    }

    /** One open directory, and the text that the locations of its entries begin with. */
    private record Level(String text, String namePrefix, DirectoryStream<Path> stream, Iterator<Path> entries) {}

    private static final class Walk implements CloseableIterator<FileInfo> {
        private final Deque<Level> levels = new ArrayDeque<>();
        private @Nullable FileInfo next;

        Walk(String prefix) {
            int cut = prefix.lastIndexOf('/') + 1;
            String text = prefix.substring(0, cut);
            if (text.isEmpty() && !LocalLocation.scheme(prefix).isEmpty()) {
                text = prefix.substring(0, prefix.indexOf(':') + 1);
                cut = text.length();
            }
            enter(LocalLocation.path(text.isEmpty() ? "." : text), text, prefix.substring(cut));
        }

        @Override
        public boolean hasNext() {
            while (next == null && !levels.isEmpty()) {
                advance(levels.peek());
            }
            return next != null;
        }

        @Override
        public FileInfo next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            FileInfo found = next;
            next = null;
            return found;
        }

        private void advance(Level level) {
            try {
                if (!level.entries().hasNext()) {
                    levels.pop().stream().close();
                    return;
                }
                Path entry = level.entries().next();
                Path fileName = entry.getFileName();
                if (fileName == null || !fileName.toString().startsWith(level.namePrefix())) {
                    return;
                }
                String location = level.text() + fileName;
                BasicFileAttributes attributes =
                        Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (attributes.isDirectory()) {
                    enter(entry, location + "/", "");
                } else if (attributes.isRegularFile()) {
                    next = new FileInfo(
                            location,
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis());
                }
            } catch (NoSuchFileException e) {
                // deleted since its directory was read: as if it had never been listed
            } catch (DirectoryIteratorException e) {
                throw new RuntimeIOException(e.getCause(), "Cannot list %s", level.text());
            } catch (IOException e) {
                throw new RuntimeIOException(e, "Cannot list %s", level.text());
            }
        }

        private void enter(Path directory, String text, String namePrefix) {
            try {
                DirectoryStream<Path> stream = Files.newDirectoryStream(directory);
                levels.push(new Level(text, namePrefix, stream, stream.iterator()));
            } catch (NoSuchFileException | NotDirectoryException e) {
                // a missing prefix is empty
            } catch (IOException e) {
                throw new RuntimeIOException(e, "Cannot list %s", text);
            }
        }

        @Override
        public void close() throws IOException {
            while (!levels.isEmpty()) {
                levels.pop().stream().close();
            }
        }
    }
}
