package io.sink.catalog;

import io.sink.storage.ConfinedDeletion;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local disk without Hadoop: {@code file:/a}, {@code file:///a} and plain paths; each location keeps its form.
 *
 * <p>A file is on disk, not in a cache, once its stream is closed.
 */
public final class LocalFileIO implements DelegateFileIO, ConfinedDeletion {

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(LocalFileIO.class);

    private Map<String, String> properties = Map.of();

    private final transient HeldDirectories.Disk disk;

    /** Called by Iceberg for {@code io-impl}. */
    public LocalFileIO() {
        this(HeldDirectories.Disk.HERE);
    }

    /** @param disk opens the directories that files are deleted in */
    LocalFileIO(HeldDirectories.Disk disk) {
        this.disk = disk;
    }

    @Override
    public void initialize(Map<String, String> newProperties) {
        this.properties = Map.copyOf(newProperties);
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    @Override
    public InputFile newInputFile(String location) {
        return new LocalInputFile(location, LocalLocation.path(location));
    }

    /** The given length is ignored: a file on disk is asked for its length. */
    @Override
    public InputFile newInputFile(String location, long length) {
        return newInputFile(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new LocalOutputFile(location, LocalLocation.path(location));
    }

    /**
     * Deletes one file; of a link, the link and never its target.
     *
     * @throws NotFoundException if there is no such file
     * @throws ValidationException if it is a directory
     */
    @Override
    public void deleteFile(String location) {
        Path path = LocalLocation.path(location);
        ValidationException.check(
                !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS), "Will not delete a directory: %s", location);
        try {
            Files.delete(path);
        } catch (NoSuchFileException e) {
            throw new NotFoundException(e, "No such file: %s", location);
        } catch (DirectoryNotEmptyException e) {
            throw new ValidationException(e, "Will not delete a directory: %s", location);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot delete %s", location);
        }
    }

    /**
     * Deletes every file it can. As on S3, a file that is already gone is no failure.
     *
     * @throws BulkDeletionFailureException with the number of files that could not be deleted
     */
    @Override
    public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
        int failed = 0;
        for (String location : locations) {
            try {
                deleteFile(location);
            } catch (NotFoundException e) {
                LOG.debug("Already gone: {}", location);
            } catch (RuntimeException e) {
                LOG.warn("Cannot delete {}: {}", location, e.toString());
                failed++;
            }
        }
        if (failed > 0) {
            throw new BulkDeletionFailureException(failed);
        }
    }

    @Override
    public void deleteFileWithin(Path root, String location) {
        try (HeldDirectories directories = directories(root)) {
            delete(directories, location);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot close the directory of %s", location);
        }
    }

    @Override
    public Map<String, String> deleteFilesWithin(Path root, Collection<String> locations) {
        Map<String, String> refused = new LinkedHashMap<>();
        try (HeldDirectories directories = directories(root)) {
            for (String location : locations) {
                try {
                    delete(directories, location);
                } catch (NotFoundException e) {
                    LOG.debug("Already gone: {}", location);
                } catch (RefusedException e) {
                    LOG.debug("{}", e.getMessage());
                    refused.put(location, String.valueOf(e.getMessage()));
                } catch (RuntimeException e) {
                    LOG.warn("Cannot delete {}: {}", location, e.toString());
                }
            }
        } catch (IOException e) {
            LOG.warn("Cannot close a directory below {}: {}", root, e.toString());
        }
        return refused;
    }

    private HeldDirectories directories(Path root) {
        return new HeldDirectories(root, disk);
    }

    private static void delete(HeldDirectories directories, String location) {
        try {
            directories.delete(LocalLocation.path(location));
        } catch (NoSuchFileException e) {
            throw new NotFoundException(e, "No such file: %s", location);
        } catch (HeldDirectories.NotOursException e) {
            throw new RefusedException(location, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot delete %s", location);
        }
    }

    /**
     * Every regular file whose location begins with the prefix, found as the iterator advances. As on S3 the prefix is
     * a string: {@code /t1} finds {@code /t10/x} too, {@code /t1/} does not. No link is followed or
     * listed; a file that vanishes meanwhile is left out; a missing prefix is empty.
     *
     * <p>An iterator that is not read to its end must be closed: it holds open directories.
     */
    @Override
    public CloseableIterable<FileInfo> listPrefix(String prefix) {
        return new PrefixListing(prefix);
    }

    /** Always refuses: files are deleted by name, one by one. */
    @Override
    public void deletePrefix(String prefix) {
        throw new UnsupportedOperationException("Will not delete by prefix: " + prefix);
    }

    /** In another process the disk is that of its machine. */
    private Object readResolve() {
        LocalFileIO here = new LocalFileIO();
        here.initialize(properties);
        return here;
    }
}
