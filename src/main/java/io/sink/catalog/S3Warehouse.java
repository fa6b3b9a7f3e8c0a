package io.sink.catalog;

import io.sink.outcome.UnsupportedFeatureException;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.DelegateFileIO;
import org.jspecify.annotations.Nullable;

/**
 * A warehouse on S3. There a directory is only a part of a key between two slashes.
 *
 * <p>Before the first write of a run, a probe shows whether the store creates an object only if there is none. If it
 * does not, nothing is written there, unless the catalog's properties say that there is no other writer.
 *
 * @ref LLP 0009#probe
 */
final class S3Warehouse implements Warehouse {

    /** Rounds of the race before the first write of a run; {@code sink check --connect} takes more time. */
    private static final int ROUNDS_BEFORE_WRITING = 8;

    private static final int ROUNDS_WHEN_ASKED = 20;

    private final S3Location root;
    private final DelegateFileIO io;
    private final S3Requests requests;
    private final boolean singleWriter;
    /** What the probe found wrong; empty if nothing, null before the probe. */
    private @Nullable String problem;

    /**
     * @param io reads, lists and writes the hint; its owner closes it
     * @param requests closing this closes it
     * @param singleWriter whether the operator vouches that there is no other writer
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
     * Leaves out names that no table can have, such as the empty one of a key with two slashes.
     *
     * @throws NotFoundException if the warehouse is empty, since a mistyped path looks the same
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

    /** Tried in the warehouse's own directory, as by a run; not tried if the operator vouches for one writer. */
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

    /** A request may still arrive after its sender is dead. */
    @Override
    public boolean commitsDieWithProcess() {
        return false;
    }

    @Override
    public void close() {
        requests.close();
    }

    /**
     * Probes the store once, in the warehouse's own directory.
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
                    + "; if nobody else writes these tables, set single-writer: true");
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
