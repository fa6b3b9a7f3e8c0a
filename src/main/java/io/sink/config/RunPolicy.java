package io.sink.config;

import io.sink.action.Setting;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the run as a whole. A null setting was asked nowhere.
 *
 * @param deadline the time after which nothing is begun, and what is at work is given up; else no limit
 * @param parallel how many tables are worked on at a time, at least 1; else the run decides
 * @param maxBytes bytes that the rewrites of a run may read together; else no limit
 * @param commitTimeout how long the answer to a commit is waited for once the run has to end
 * @param catalogTimeout how long a catalog may take to be opened and listed
 */
public record RunPolicy(
        @Nullable Setting<Duration> deadline,
        @Nullable Setting<Integer> parallel,
        @Nullable Setting<Long> maxBytes,
        Setting<Duration> commitTimeout,
        Setting<Duration> catalogTimeout) {}
