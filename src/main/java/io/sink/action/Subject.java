package io.sink.action;

import java.time.Instant;
import org.apache.iceberg.TableOperations;

/**
 * A table that actions are done to, and the run that does them.
 *
 * @param name the table's full name
 * @param ops the loaded table; in a dry run it refuses every write
 * @param commitsDieWithProcess whether a commit to its catalog cannot outlive the process that sends it
 * @param runId the run's identity
 * @param host the host that the run is on
 * @param now the run's start: every age is counted from here
 * @param stop asked at every safe point
 */
public record Subject(
        String name,
        TableOperations ops,
        boolean commitsDieWithProcess,
        String runId,
        String host,
        Instant now,
        StopSignal stop) {}
