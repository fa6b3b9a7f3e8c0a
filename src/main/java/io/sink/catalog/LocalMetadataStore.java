package io.sink.catalog;

import io.sink.storage.CommitFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A metadata directory on local disk. A version is written to a temporary file, forced to disk, and then linked to its
 * name. A hard link is made atomically and only if the name is free, so a reader never sees half a file and no file is
 * overwritten.
 *
 * @ref LLP 0006#exclusive-create
 */
final class LocalMetadataStore implements MetadataStore {

    /** Makes a hard link, as {@link Files#createLink}; tests replace it. */
    interface Link {
        void create(Path name, Path existing) throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(LocalMetadataStore.class);
    private static final String HINT = "version-hint.text";
    private static final String TEMPORARY_PREFIX = ".sink-";
    private static final String TEMPORARY_SUFFIX = ".tmp";
    /** A temporary file lives for the moment of a commit; one this old was left by a process that died. */
    private static final Duration LEFT_BEHIND = Duration.ofHours(1);

    private final Path directory;
    private final Link link;

    LocalMetadataStore(Path directory) {
        this(directory, Files::createLink);
    }

    LocalMetadataStore(Path directory, Link link) {
        this.directory = directory;
        this.link = link;
    }

    @Override
    public boolean holdsVersions() {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "v*.metadata.json*")) {
            for (Path entry : entries) {
                if (version(entry).isPresent()) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException e) {
            return false;
        } catch (DirectoryIteratorException e) {
            throw new RuntimeIOException(e.getCause(), "Cannot list %s", directory);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot list %s", directory);
        }
    }

    @Override
    public List<MetadataVersion> versions() {
        List<MetadataVersion> versions = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "v*.metadata.json*")) {
            for (Path entry : entries) {
                version(entry).ifPresent(versions::add);
            }
            return versions;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw new RuntimeIOException(e.getCause(), "Cannot list %s", directory);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot list %s", directory);
        }
    }

    @Override
    public byte[] read(String fileName) {
        LocalInputFile.requireFile(directory.resolve(fileName).toString(), directory.resolve(fileName));
        try (InputStream in = Files.newInputStream(directory.resolve(fileName))) {
            return WholeMetadata.read(directory.resolve(fileName).toString(), in);
        } catch (NoSuchFileException e) {
            throw new NotFoundException(e, "No such file: %s", directory.resolve(fileName));
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot read %s", directory.resolve(fileName));
        }
    }

    @Override
    public void create(String fileName, byte[] content) {
        Path name = directory.resolve(fileName);
        sweepLeftBehind();
        Path whole = temporary();
        CommitFiles.aboutToCreate(whole.toString());
        try {
            writeDurably(whole, content);
            linkExclusively(name, whole);
        } catch (IOException e) {
            throw new NothingCommittedException("Cannot write " + whole + ": " + e, e);
        } finally {
            deleteQuietly(whole);
        }
        forceDirectory();
    }

    /** Why {@link #create} cannot be trusted here, or null; tried with a temporary file, which is deleted again. */
    @Nullable
    String exclusiveCreationProblem() {
        Path name = temporary();
        try {
            create(String.valueOf(name.getFileName()), new byte[0]);
            create(String.valueOf(name.getFileName()), new byte[0]);
            return "a file was created although it existed: " + name;
        } catch (AlreadyExistsException expected) {
            return null;
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        } finally {
            deleteQuietly(name);
        }
    }

    @Override
    public void writeHint(long version) throws IOException {
        Path hint = temporary();
        CommitFiles.aboutToCreate(hint.toString());
        try {
            Files.writeString(hint, Long.toString(version), StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
            Files.move(hint, directory.resolve(HINT), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(hint);
        }
    }

    private void linkExclusively(Path name, Path whole) {
        try {
            link.create(name, whole);
        } catch (UnsupportedOperationException e) {
            throw new NothingCommittedException(
                    "This file system has no hard links, so a commit is not safe: " + name, e);
        } catch (IOException e) {
            // over a network file system the answer to a successful link can be lost, and its repetition refused
            if (isLinked(name, whole, e)) {
                LOG.warn("Made {}, although the file system answered: {}", name, e.toString());
            } else if (e instanceof FileAlreadyExistsException) {
                throw new AlreadyExistsException(e, "Already exists: %s", name);
            } else {
                throw new NothingCommittedException(
                        "Cannot make " + name + " as a hard link (a commit needs one): " + e, e);
            }
        } catch (RuntimeException e) {
            throw new CommitStateUnknownException(e);
        }
    }

    /** Whether the temporary file, which nobody else knows, has a second name. */
    private static boolean isLinked(Path name, Path whole, IOException failure) {
        try {
            int names = (Integer) Files.getAttribute(whole, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
            return names > 1 || (Files.exists(name, LinkOption.NOFOLLOW_LINKS) && Files.isSameFile(name, whole));
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
            throw new CommitStateUnknownException(failure);
        }
    }

    private static void writeDurably(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private void forceDirectory() {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException | RuntimeException e) {
            LOG.debug("Cannot force {} to disk", directory, e);
        }
    }

    /** Deleting the temporary file of a process that only sleeps is safe too: its link fails and commits nothing. */
    private void sweepLeftBehind() {
        Instant before = Instant.now().minus(LEFT_BEHIND);
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(directory, TEMPORARY_PREFIX + "*" + TEMPORARY_SUFFIX)) {
            for (Path entry : entries) {
                if (Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isBefore(before)) {
                    Files.deleteIfExists(entry);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("Cannot sweep {}", directory, e);
        }
    }

    private Path temporary() {
        return directory.resolve(TEMPORARY_PREFIX + UUID.randomUUID() + TEMPORARY_SUFFIX);
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("Cannot delete {}; a later commit will delete it", file, e);
        }
    }

    private static Optional<MetadataVersion> version(Path entry) {
        return MetadataVersion.of(String.valueOf(entry.getFileName()));
    }
}
