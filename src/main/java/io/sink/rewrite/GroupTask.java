package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.action.StoppedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.iceberg.Table;

/**
 * What is done with each group of one table: it is rewritten, and what was written is proved. Used by several threads,
 * a group each.
 */
public final class GroupTask {
    private final RewriterChoice.Rewriters rewriters;
    private final RowProof proof;
    private final boolean everyRow;
    private final Staging staging;

    /**
     * @param table as it was planned
     * @param everyRow whether the fingerprint of all rows is compared too
     * @param staging told of every file before it is created
     */
    public GroupTask(Table table, RewriterChoice.Rewriters rewriters, boolean everyRow, Staging staging) {
        this.rewriters = rewriters;
        this.proof = new RowProof(table);
        this.everyRow = everyRow;
        this.staging = staging;
    }

    /**
     * Rewrites and proves one group. On an exception some files may exist, all of them announced.
     *
     * @throws StoppedException if the signal was raised
     * @throws ProofFailedException if the files written do not hold the rows that were read
     */
    public GroupResult run(FileGroup group, StopSignal stop) {
        stop.check();
        List<String> announced = Collections.synchronizedList(new ArrayList<>());
        Staging telling = location -> {
            staging.announce(location);
            announced.add(location);
        };
        RewriteResult written = RewriterChoice.of(group, rewriters).rewriter().rewrite(group, telling, stop);
        return new GroupResult(written, proof.prove(group, written, everyRow, stop), announced);
    }
}
