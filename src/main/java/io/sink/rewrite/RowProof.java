package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.action.StoppedException;
import io.sink.rows.Fingerprint;
import io.sink.rows.LeafNulls;
import io.sink.rows.LiveRows;
import io.sink.rows.RowFiles;
import io.sink.rows.RowHash;
import io.sink.table.Parallel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.TypeUtil;

/**
 * Shows, before anything is committed, that the files of a rewrite hold the rows they must hold.
 *
 * <p>The written files are opened anew and read from storage. Counts in their footers, or of their rows if footers lack
 * counts, are compared with what the rewriter counted, and that with the manifests. A fingerprint does not rely on the
 * rewriter: it reads the inputs once more, applies their deletes, and compares the sums of all row hashes.
 */
public final class RowProof {
    private static final int STOP_EVERY = 4096;

    private final Table table;
    private final long memory;
    private final LiveRows rows;
    /** Field ids of all that is within a map. */
    private final Set<Integer> inMaps;

    /**
     * A proof and its evidence.
     *
     * @param evidence what was read back of each file that was written
     */
    public record Proven(Proof proof, List<FileEvidence> evidence) {}

    /**
     * @param table the table as it was planned
     * @param memory bytes that a proof may take
     */
    public RowProof(Table table, long memory) {
        this.table = table;
        this.memory = memory;
        this.rows = new LiveRows(table);
        this.inMaps = TypeUtil.indexById(rows.schema().asStruct()).values().stream()
                .filter(field -> field.type().isMapType())
                .flatMap(field -> TypeUtil.getProjectedIds(field.type()).stream())
                .collect(Collectors.toSet());
    }

    /**
     * Proves one group's rewrite.
     *
     * @param level what to compare
     * @throws ProofFailedException if anything differs
     * @throws StoppedException if the signal was raised
     */
    public Proven prove(FileGroup group, RewriteResult result, ProofLevel level, StopSignal stop) {
        equal("rows read from the inputs and rows in their manifests", group.records(), result.rowsRead());
        Map<Integer, Long> nulls = new HashMap<>();
        List<FileEvidence> evidence = new ArrayList<>();
        for (DataFile file : result.outputs()) {
            stop.check();
            FileEvidence found = FileEvidence.read(open(file), file.format(), rows.schema());
            equal("rows in the file and in the metadata of " + file.location(), file.recordCount(), found.rows());
            found.ragged().ifPresent(column -> {
                throw new ProofFailedException("column " + column + " lacks entries for rows of " + file.location());
            });
            found.nulls().forEach((id, count) -> nulls.merge(id, count, Long::sum));
            evidence.add(found);
        }
        long written = evidence.stream().mapToLong(FileEvidence::rows).sum();
        equal("live rows of the inputs and rows written", result.rowsLive(), written);
        equalNulls(result.nulls(), nulls);
        long total = nulls.values().stream().mapToLong(Long::longValue).sum();
        Fingerprint fingerprint = level == ProofLevel.FULL ? fingerprint(group, result, stop) : null;
        boolean compared = level == ProofLevel.COUNTS
                || result.stored() != null
                || RowSumProof.compare(table, group, result.outputs(), memory, stop);
        if (!compared && fingerprint == null) {
            fingerprint = fingerprint(group, result, stop);
        }
        return new Proven(
                new Proof(written, total, level != ProofLevel.COUNTS, stored(result, level), fingerprint), evidence);
    }

    private static Map<String, Integer> stored(RewriteResult result, ProofLevel level) {
        if (level == ProofLevel.COLUMNS && result.stored() != null) {
            return result.stored();
        }
        return level == ProofLevel.COUNTS || result.outputs().isEmpty()
                ? Map.of()
                : Map.of(Proof.READ, result.outputs().size());
    }

    /** Reads both sides with Iceberg's readers, which nothing else of a merge uses, at the same time. */
    private Fingerprint fingerprint(FileGroup group, RewriteResult result, StopSignal stop) {
        Sum before = new Sum(rows.schema(), stop);
        Sum after = new Sum(rows.schema(), stop);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Runnable> sides =
                    List.of(() -> addLive(before, group, result, stop), () -> addWritten(after, result.outputs()));
            Parallel.each(threads, sides, Runnable::run);
        } finally {
            threads.shutdown();
        }
        if (!before.sum.equals(after.sum)) {
            throw new ProofFailedException("fingerprint of the live rows of the inputs and of the rows written: "
                    + before.sum + " and " + after.sum);
        }
        return after.sum;
    }

    private void addLive(Sum before, FileGroup group, RewriteResult result, StopSignal stop) {
        LeafNulls nulls = new LeafNulls(rows.schema());
        LiveRows.Count count = rows.read(group.inputs(), true, stop, row -> {
            nulls.add(row);
            before.add(row);
        });
        equal("live rows counted again and by the rewriter", result.rowsLive(), count.live());
        Map<Integer, Long> counted = nulls.counts();
        Map<Integer, Long> written = new HashMap<>(result.nulls());
        // A map of which a key stands twice has fewer entries as a record than in its file.
        counted.keySet().removeAll(inMaps);
        written.keySet().removeAll(inMaps);
        equalNulls(counted, written);
    }

    private void addWritten(Sum after, List<DataFile> outputs) {
        for (DataFile file : outputs) {
            try (CloseableIterable<Record> read = RowFiles.writtenOnce(open(file), file.format(), rows.schema())) {
                read.forEach(after::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private InputFile open(DataFile file) {
        return table.io().newInputFile(file.location());
    }

    private static void equal(String what, long expected, long actual) {
        if (expected != actual) {
            throw new ProofFailedException(what + ": " + expected + " and " + actual);
        }
    }

    private void equalNulls(Map<Integer, Long> expected, Map<Integer, Long> actual) {
        Map<Integer, Long> all = new TreeMap<>(expected);
        all.putAll(actual);
        for (Integer id : all.keySet()) {
            equal(
                    "nulls read and written in column " + rows.schema().findColumnName(id) + " (field id " + id + ")",
                    expected.getOrDefault(id, 0L),
                    actual.getOrDefault(id, 0L));
        }
    }

    private static final class Sum {
        private final RowHash hash;
        private final StopSignal stop;
        private Fingerprint sum = Fingerprint.NONE;
        private long count;

        Sum(Schema schema, StopSignal stop) {
            this.hash = new RowHash(schema);
            this.stop = stop;
        }

        void add(Record row) {
            if (++count % STOP_EVERY == 0) {
                stop.check();
            }
            sum = sum.plus(hash.of(row));
        }
    }
}
