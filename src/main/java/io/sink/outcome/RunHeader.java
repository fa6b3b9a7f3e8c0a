package io.sink.outcome;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a run.
 *
 * @param runId unique, sortable by time
 * @param version of the program
 * @param command the command and the flags that change what it does, for example {@code maintain --dry-run}
 * @param dryRun whether nothing was to be written
 * @param startedAt when the run began
 * @param shard the part of the tables that it works on, or null if it was not told to work on a part
 * @param traceparent the trace that it is part of, by W3C's Trace Context, or null
 */
public record RunHeader(
        String runId,
        String version,
        String command,
        boolean dryRun,
        Instant startedAt,
        @Nullable Shard shard,
        @Nullable String traceparent) {}
