package io.sink.config;

import io.sink.action.Setting;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the run as a whole. A null setting was asked nowhere.
 *
 * @param deadline the time after which no further table is begun; else no limit
 * @param parallel how many tables are worked on at a time, at least 1; else the run decides
 * @param maxBytes bytes that the rewrites of a run may read together; else no limit
 */
public record RunPolicy(
        @Nullable Setting<Duration> deadline,
        @Nullable Setting<Integer> parallel,
        @Nullable Setting<Long> maxBytes) {}
