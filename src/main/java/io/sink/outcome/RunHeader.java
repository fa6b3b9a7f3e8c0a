package io.sink.outcome;

import java.time.Instant;

/**
 * What identifies a run.
 *
 * @param runId unique, sortable by time
 * @param version of the program
 * @param command the command and the flags that change what it does, for example {@code maintain --dry-run}
 * @param dryRun whether nothing was to be written
 * @param startedAt when the run began
 */
public record RunHeader(String runId, String version, String command, boolean dryRun, Instant startedAt) {}
