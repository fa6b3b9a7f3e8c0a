package io.sink.compact;

import io.sink.action.Setting;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.table.PartitionFilter;
import io.sink.table.RecentPartitions;
import io.sink.table.Where;
import io.sink.text.Human;
import io.sink.text.Units;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * Which data files may be rewritten, by what was asked of their partitions.
 *
 * @ref LLP 0029#answers
 */
final class Selection {
    /** What a file's partition means for it. */
    enum Choice {
        /** The file may be rewritten. */
        CHOSEN,
        /** The partition can hold no row that the predicate asks for. */
        NOT_MEANT,
        /** The spec of the partition does not answer the predicate. */
        UNANSWERED,
        /** Something was committed in the partition lately. */
        BUSY
    }

    private final CompactPolicy.Partitions asked;
    private final @Nullable PartitionFilter filter;
    private final @Nullable RecentPartitions recent;

    private Selection(
            CompactPolicy.Partitions asked, @Nullable PartitionFilter filter, @Nullable RecentPartitions recent) {
        this.asked = asked;
        this.filter = filter;
        this.recent = recent;
    }

    /**
     * The selection of a policy.
     *
     * @param now the start of the run
     * @throws PartitionFilter.UnansweredException if no spec of the table answers the predicate
     * @throws RuntimeException if the recent changes cannot be read
     */
    static Selection of(Table table, Snapshot start, CompactPolicy.Partitions asked, Instant now) {
        Setting<Where> where = asked.where();
        Setting<Duration> skipNewest = asked.skipNewest();
        return new Selection(
                asked,
                where == null ? null : PartitionFilter.of(where.value(), table),
                skipNewest == null ? null : RecentPartitions.since(table, start, now.minus(skipNewest.value())));
    }

    /** Why nothing can be chosen: nobody knows which partitions rest. */
    Optional<Stay> refusal() {
        if (recent == null || recent.knownSince() == null) {
            return Optional.empty();
        }
        return Optional.of(new Stay(
                Reason.PARTITION_BUSY,
                ("the history begins at %s, and what was committed before that within %s cannot be told; keep snapshots"
                                + " for longer")
                        .formatted(recent.knownSince(), skipNewest())));
    }

    /** What its partition means for a file. One thread asks at a time. */
    Choice of(DataFile file) {
        if (filter != null && !filter.answers(file)) {
            return Choice.UNANSWERED;
        }
        if (filter != null && !filter.has(file)) {
            return Choice.NOT_MEANT;
        }
        return recent != null && recent.has(file) ? Choice.BUSY : Choice.CHOSEN;
    }

    private String skipNewest() {
        Setting<Duration> set = Objects.requireNonNull(asked.skipNewest());
        return Units.duration(set.value()) + " (skip-newest, " + set.source() + ")";
    }

    /** What is left out of a plan for its partition's sake. */
    LeftOut leftOut(PlaceSums sums) {
        CompactPlan.Backlog waiting = sums.waiting();
        List<String> parts = new ArrayList<>();
        Setting<Where> where = asked.where();
        if (where != null) {
            parts.add("where %s (%s) leaves %s"
                    .formatted(where.value(), where.source(), Human.count(sums.notMeant(), "other candidate")));
        }
        if (sums.unanswered() > 0) {
            parts.add(Human.count(sums.unanswered(), "candidate") + " in partitions whose spec does not answer it");
        }
        if (waiting.files() > 0) {
            parts.add("%s, %s, waiting for partitions in which something was committed within %s"
                    .formatted(Human.count(waiting.files(), "file"), Human.bytes(waiting.bytes()), skipNewest()));
        }
        return new LeftOut(
                parts.isEmpty() ? "" : "; " + String.join("; ", parts),
                waiting,
                sums.unanswered() > 0 && sums.notMeant() == 0 && !sums.isAnyBusy());
    }

    /**
     * What is not in a plan for its partition's sake.
     *
     * @param described text for the end of a sentence; empty if nothing was asked
     * @param waiting files that would be rewritten if their partition rested, and the bytes of these files
     * @param allUnanswered whether there are such files, and the specs of all do not answer the predicate
     */
    record LeftOut(String described, CompactPlan.Backlog waiting, boolean allUnanswered) implements Serializable {}
}
