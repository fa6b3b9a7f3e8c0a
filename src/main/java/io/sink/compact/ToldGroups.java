package io.sink.compact;

import io.sink.outcome.Findings;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.GroupResult;
import io.sink.rewrite.RewriterChoice;
import io.sink.table.DeleteKey;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a report says of a plan's groups: partition, files and bytes before and after, and how they are rewritten.
 *
 * @param specs the table's partition specs by id
 * @param memory bytes that the rewrite of a group may take
 */
record ToldGroups(Map<Integer, PartitionSpec> specs, long memory) {
    private static final Logger LOG = LoggerFactory.getLogger(ToldGroups.class);

    /** The groups of a plan that is not executed. */
    Findings planned(CompactPlan plan) {
        return of(plan, group -> null);
    }

    /** The groups of a plan with what was written for each. */
    Findings written(CompactPlan plan, List<GroupResult> results) {
        Map<Integer, GroupResult> byIndex =
                results.stream().collect(Collectors.toMap(GroupResult::index, Function.identity()));
        return of(plan, group -> byIndex.get(group.index()));
    }

    private Findings of(CompactPlan plan, Function<FileGroup, @Nullable GroupResult> result) {
        return Findings.of(new Findings.Groups(
                plan.groups().stream()
                        .limit(Findings.Groups.MOST)
                        .map(group -> told(group, result.apply(group)))
                        .toList(),
                Math.max(0, plan.groups().size() - Findings.Groups.MOST)));
    }

    private Findings.Group told(FileGroup group, @Nullable GroupResult result) {
        RewriterChoice choice = RewriterChoice.of(group, memory);
        List<DataFile> outputs = result == null ? List.of() : result.written().outputs();
        return new Findings.Group(
                partition(group),
                group.inputs().size(),
                group.dataBytes(),
                group.deletes().map(DeleteKey::of).distinct().count(),
                result == null ? group.expectedOutputs() : outputs.size(),
                result == null
                        ? null
                        : Long.valueOf(outputs.stream()
                                .mapToLong(DataFile::fileSizeInBytes)
                                .sum()),
                choice.rewriter(),
                choice.why());
    }

    private @Nullable String partition(FileGroup group) {
        PartitionSpec spec = specs.get(group.specId());
        if (group.repartition() || spec == null) {
            return null;
        }
        try {
            return spec.partitionToPath(group.inputs().get(0).data().partition());
        } catch (RuntimeException e) {
            LOG.debug("a partition of spec {} has no path", group.specId(), e);
            return null;
        }
    }
}
