package io.sink.catalog;

import io.sink.outcome.UnsupportedFeatureException;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.DelegateFileIO;
import org.jspecify.annotations.Nullable;

/**
 * A warehouse on S3. It has no directories: one is what a key has between two slashes.
 *
 * <p>Before the first write of a run it is tried whether the store creates an object only where none is. Where it does
 * not, nothing is written there at all, unless the catalog's properties say that there is no other writer.
 *
 * @ref LLP 0009#probe
 */
final class S3Warehouse implements Warehouse {

    /** Rounds of the race before the first write of a run; {@code sink check --connect} takes its time. */
    private static final int ROUNDS_BEFORE_WRITING = 8;

    private static final int ROUNDS_WHEN_ASKED = 20;

    private final S3Location root;
    private final DelegateFileIO io;
    private final S3Requests requests;
    private final boolean singleWriter;
    /** What was found; empty where nothing is wrong, null where it was not tried yet. */
    private @Nullable String problem;

    /**
     * @param io reads, lists and writes the hint; closing it is its owner's
     * @param requests closing this closes it
     * @param singleWriter whether the operator vouches for there being no other writer
     */
    S3Warehouse(S3Location root, DelegateFileIO io, S3Requests requests, boolean singleWriter) {
        this.root = root.directory();
        this.io = io;
        this.requests = requests;
        this.singleWriter = singleWriter;
    }

    @Override
    public boolean holds(List<String> levels) {
        return true;
    }

    /**
     * Without those that no table's name can be: a key with two slashes has an empty one.
     *
     * @throws NotFoundException if nothing is in the warehouse: then nothing tells it from a path with a typing error
     */
    @Override
    public List<String> children(List<String> levels) {
        List<String> directories = requests.directories(at(levels));
        if (levels.isEmpty() && directories.isEmpty()) {
            throw new NotFoundException("No such warehouse: nothing lies below %s", root);
        }
        return directories.stream()
                .filter(name -> !name.isEmpty() && !name.equals(".") && !name.equals(".."))
                .toList();
    }

    @Override
    public MetadataStore metadata(List<String> levels) {
        return new S3MetadataStore(
                at(levels).child(PathTables.METADATA), io, requests, singleWriter, this::requireExclusiveCreation);
    }

    /** In the warehouse's own directory, where a run tries it too; nothing is tried where somebody vouches. */
    @Override
    public @Nullable String exclusiveCreationProblem(List<String> levels) {
        return singleWriter ? null : new ExclusiveCreation(requests).problem(root, ROUNDS_WHEN_ASKED);
    }

    @Override
    public boolean isAt(String location, List<String> levels) {
        return S3Location.isS3(location) && S3Location.of(location).directory().equals(at(levels));
    }

    @Override
    public String describe(List<String> levels) {
        return at(levels).toString();
    }

    /** A request may still be on its way when its sender is dead. */
    @Override
    public boolean commitsDieWithProcess() {
        return false;
    }

    @Override
    public void close() {
        requests.close();
    }

    /**
     * Tries it once, in the warehouse's own directory.
     *
     * @throws UnsupportedFeatureException if commits are not safe there
     */
    void requireExclusiveCreation() {
        if (singleWriter) {
            return;
        }
        String found;
        synchronized (this) {
            if (problem == null) {
                problem = Objects.requireNonNullElse(
                        new ExclusiveCreation(requests).problem(root, ROUNDS_BEFORE_WRITING), "");
            }
            found = problem;
        }
        if (!found.isEmpty()) {
            throw new UnsupportedFeatureException("commits are not safe on this store: " + found
                    + "; where nobody else writes these tables, set single-writer: true");
        }
    }

    private S3Location at(List<String> levels) {
        S3Location directory = root;
        for (String level : levels) {
            directory = directory.child(level).directory();
        }
        return directory;
    }
}
