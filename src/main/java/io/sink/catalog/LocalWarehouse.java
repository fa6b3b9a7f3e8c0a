package io.sink.catalog;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.jspecify.annotations.Nullable;

/**
 * A warehouse on local disk. No link is followed.
 *
 * @param root its directory
 */
record LocalWarehouse(Path root) implements Warehouse {

    @Override
    public boolean holds(List<String> levels) {
        Path directory = root;
        for (String level : levels) {
            directory = directory.resolve(level);
            if (!isRealDirectory(directory)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public List<String> children(List<String> levels) {
        return inside(levels, LocalWarehouse::isRealDirectory);
    }

    /** Links to directories outside the warehouse, which the walk does not reach. */
    @Override
    public List<String> passedOver(List<String> levels) {
        return inside(levels, this::leadsOut);
    }

    private boolean leadsOut(Path path) throws IOException {
        return Files.isSymbolicLink(path)
                && Files.isDirectory(path)
                && !path.toRealPath().startsWith(root.toRealPath());
    }

    private List<String> inside(List<String> levels, DirectoryStream.Filter<Path> wanted) {
        Path directory = at(levels);
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, wanted)) {
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
        } catch (NoSuchFileException | NotDirectoryException e) {
            // dropped since its parent was read
        } catch (DirectoryIteratorException e) {
            throw new RuntimeIOException(e.getCause(), "Cannot list %s", directory);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot list %s", directory);
        }
        return names;
    }

    @Override
    public MetadataStore metadata(List<String> levels) {
        return new LocalMetadataStore(at(levels).resolve(PathTables.METADATA));
    }

    @Override
    public @Nullable String exclusiveCreationProblem(List<String> levels) {
        return new LocalMetadataStore(at(levels).resolve(PathTables.METADATA)).exclusiveCreationProblem();
    }

    @Override
    public boolean isAt(String location, List<String> levels) {
        Path directory = at(levels);
        try {
            return LocalLocation.isLocal(location) && Files.isSameFile(LocalLocation.path(location), directory);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot compare %s with %s", location, directory);
        }
    }

    @Override
    public String describe(List<String> levels) {
        return at(levels).toString();
    }

    @Override
    public boolean commitsDieWithProcess() {
        return true;
    }

    @Override
    public void close() {
        // nothing is open
    }

    private Path at(List<String> levels) {
        Path directory = root;
        for (String level : levels) {
            directory = directory.resolve(level);
        }
        return directory;
    }

    private static boolean isRealDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }
}
