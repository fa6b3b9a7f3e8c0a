package io.sink.config;

import io.sink.compact.CompactPolicy;
import io.sink.expire.ExpirePolicy;

/** What applies to one table. */
public record TablePolicy(boolean excluded, String rule, ExpirePolicy expire, CompactPolicy compact) {}
