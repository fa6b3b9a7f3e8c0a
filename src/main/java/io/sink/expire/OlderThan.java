package io.sink.expire;

import java.time.Duration;
import java.time.Instant;

/** The point before which a snapshot is old: an age counted back from the run's start, or a fixed instant. */
public sealed interface OlderThan {

    /** Snapshots taken before this instant may expire. */
    Instant cutoff(Instant now);

    /** Older than this age. */
    record Age(Duration age) implements OlderThan {
        @Override
        public Instant cutoff(Instant now) {
            return now.minus(age);
        }

        @Override
        public String toString() {
            return age.toString();
        }
    }

    /** Taken before this instant. */
    record Before(Instant instant) implements OlderThan {
        @Override
        public Instant cutoff(Instant now) {
            return instant;
        }

        @Override
        public String toString() {
            return instant.toString();
        }
    }
}
