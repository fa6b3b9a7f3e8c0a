package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.action.StoppedException;
import io.sink.engine.Need;
import io.sink.engine.Task;
import io.sink.outcome.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * The task for each group of one table: rewrites it, and proves what was written. Used by several threads, with one
 * group each. It may be sent to another process, and may be tried there more than once.
 *
 * @ref LLP 0024#travel
 */
public final class GroupTask implements Task<FileGroup, GroupEnd> {
    private static final long serialVersionUID = 1L;
    private static final String ANOTHER_FAILED = "another group failed";

    private final Table table;
    private final String runId;
    private final RewriterSource rewriters;
    private final ProofLevel level;
    private final boolean leavesUnreadable;
    private final Staging staging;
    private final @Nullable Instant deadline;
    private transient @Nullable Here here;

    /** What only the process that planned has. */
    private record Here(StopSignal stop, GroupChecks checks, AtomicBoolean failed) {}

    /**
     * @param table the table as it was planned
     * @param runId part of the names of the files that are written
     * @param level what is proved of each group
     * @param leavesUnreadable whether a group with a file that cannot be read ends as an {@link UnreadableGroup}; else
     *     it ends with an exception, which ends the other groups as well
     * @param staging told of every file before it is created
     * @param stop obeyed in this process; its deadline is kept in other processes too
     * @param checks what the footers of the groups say, as far as this process has read them
     */
    public GroupTask(
            Table table,
            String runId,
            RewriterSource rewriters,
            ProofLevel level,
            boolean leavesUnreadable,
            Staging staging,
            StopSignal stop,
            GroupChecks checks) {
        this.table = table;
        this.runId = runId;
        this.rewriters = rewriters;
        this.level = level;
        this.leavesUnreadable = leavesUnreadable;
        this.staging = staging;
        this.deadline = stop.deadline();
        this.here = new Here(stop, checks, new AtomicBoolean());
    }

    @Override
    public Need need(FileGroup group) {
        Here planned = here;
        if (planned != null && planned.failed().get()) {
            throw new CancellationException(ANOTHER_FAILED);
        }
        GroupChecks.Checked checked;
        try {
            checked = checked(group);
        } catch (RuntimeException | Error e) {
            fail(planned);
            throw e;
        }
        FileGroup known = checked.group();
        return checked.unreadable() != null
                ? Need.NONE
                : known.footprint().need(known.notByPage() == null, OutputProperties.rowGroupSize(table));
    }

    private GroupChecks.Checked checked(FileGroup group) {
        Here planned = here;
        return planned == null
                ? new GroupChecks.Checked(group, null)
                : planned.checks().of(group);
    }

    /** Ends the other groups, and the looks at those that have not begun. */
    private static void fail(@Nullable Here planned) {
        if (planned != null) {
            planned.failed().set(true);
            planned.checks().end();
        }
    }

    /**
     * Rewrites and proves one group. If it ends early, some files may exist, all of them announced.
     *
     * @param memory bytes that the rewrite may take
     *
     * @throws StoppedException if the run was stopped or its time is over
     * @throws CancellationException if another group failed
     * @throws ProofFailedException if the files written do not hold the rows that were read
     */
    @Override
    public GroupEnd run(FileGroup group, long memory) {
        Here planned = here;
        AtomicBoolean failed = planned == null ? new AtomicBoolean() : planned.failed();
        StopSignal stop = stop(planned, failed);
        List<String> announced = Collections.synchronizedList(new ArrayList<>());
        Attempt attempt = (planned == null
                        ? Attempt.of(table, runId, memory)
                        : Attempt.of(table, runId, planned.checks().footers(), memory))
                .proving(level);
        try {
            GroupChecks.Checked checked = checked(group);
            return checked.unreadable() != null ? checked.unreadable() : run(checked.group(), attempt, announced, stop);
        } catch (RuntimeException e) {
            Optional<UnreadableGroup> left =
                    leavesUnreadable ? UnreadableGroup.of(group, e, Reason.REWRITE_ERROR, announced) : Optional.empty();
            if (left.isPresent()) {
                return left.get();
            }
            fail(planned);
            throw e;
        } catch (Error e) {
            fail(planned);
            throw e;
        }
    }

    private StopSignal stop(@Nullable Here planned, AtomicBoolean failed) {
        return new StopSignal() {
            @Override
            public boolean stopped() {
                return planned != null && planned.stop().stopped();
            }

            @Override
            public boolean pastDeadline() {
                return planned != null
                        ? planned.stop().pastDeadline()
                        : deadline != null && !Instant.now().isBefore(deadline);
            }

            @Override
            public void check() {
                StopSignal.super.check();
                // The failure itself is reported, not the groups that end because of it.
                if (failed.get()) {
                    throw new CancellationException(ANOTHER_FAILED);
                }
            }
        };
    }

    private GroupResult run(FileGroup group, Attempt attempt, List<String> announced, StopSignal stop) {
        stop.check();
        Staging telling = location -> {
            staging.announce(location);
            announced.add(location);
        };
        RewriteResult written = rewriters
                .rewriter(RewriterChoice.of(group, attempt.memory()), attempt)
                .rewrite(group, telling, stop);
        RowProof.Proven proven = new RowProof(table, attempt.memory()).prove(group, written, level, stop);
        return new GroupResult(group.index(), written, proven.proof(), proven.evidence(), announced);
    }
}
