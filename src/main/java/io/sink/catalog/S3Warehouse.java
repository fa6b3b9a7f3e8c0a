package io.sink.catalog;

import io.sink.outcome.UnsupportedFeatureException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.io.DelegateFileIO;

/**
 * A warehouse on S3. It has no directories: one is what a key has between two slashes.
 *
 * <p>Before the first write to a bucket it is tried whether the store creates an object only where none is. Where it does
 * not, nothing is written there at all, unless the catalog's properties say that there is no other writer.
 *
 * @ref LLP 0009#probe
 */
final class S3Warehouse implements Warehouse {

    /** Rounds of the race before the first write of a run; {@code sink check --connect} takes its time. */
    private static final int ROUNDS_BEFORE_WRITING = 8;

    private final S3Location root;
    private final DelegateFileIO io;
    private final S3Requests requests;
    private final boolean singleWriter;
    private final Map<String, String> problems = new ConcurrentHashMap<>();

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

    /** Without those that no table's name can be: a key with two slashes has an empty one. */
    @Override
    public List<String> children(List<String> levels) {
        return requests.directories(at(levels)).stream()
                .filter(name -> !name.isEmpty() && !name.equals(".") && !name.equals(".."))
                .toList();
    }

    @Override
    public MetadataStore metadata(List<String> levels) {
        return new S3MetadataStore(
                at(levels).child(PathTables.METADATA), io, requests, singleWriter, this::requireExclusiveCreation);
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
     * Tries it once for each bucket, beside the location that is to be written.
     *
     * @throws UnsupportedFeatureException if commits are not safe there
     */
    void requireExclusiveCreation(String location) {
        if (singleWriter || !S3Location.isS3(location)) {
            return;
        }
        S3Location about = S3Location.of(location);
        String problem;
        synchronized (problems) {
            problem = problems.get(about.bucket());
            if (problem == null) {
                S3Location beside = new S3Location(
                        about.bucket(), about.key().substring(0, about.key().lastIndexOf('/') + 1));
                problem = Objects.requireNonNullElse(
                        new ExclusiveCreation(requests).problem(beside, ROUNDS_BEFORE_WRITING), "");
                problems.put(about.bucket(), problem);
            }
        }
        if (!problem.isEmpty()) {
            throw new UnsupportedFeatureException("commits are not safe on this store: " + problem
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
