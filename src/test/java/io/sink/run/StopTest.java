package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.run.Stop.Heard;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StopTest {
    private long now;
    private final Stop stop = new Stop(() -> now);

    @Test
    void takes_two_signals_within_two_seconds_for_one() {
        Heard first = stop.request("SIGTERM");
        now += Duration.ofMillis(1_999).toNanos();
        Heard second = stop.request("SIGTERM");

        assertThat(first).isEqualTo(Heard.FIRST);
        assertThat(second).isEqualTo(Heard.SAME);
        assertThat(stop.signal()).isEqualTo("SIGTERM");
    }

    @Test
    void takes_a_later_one_for_somebody_who_insists() {
        stop.request("SIGINT");
        now += Duration.ofSeconds(2).toNanos();

        assertThat(stop.request("SIGTERM")).isEqualTo(Heard.AGAIN);
        assertThat(stop.signal()).isEqualTo("SIGINT");
    }

    @Test
    void counts_from_the_first_one_however_often_it_is_repeated() {
        stop.request("SIGTERM");
        now += Duration.ofMillis(1_500).toNanos();
        stop.request("SIGTERM");
        now += Duration.ofMillis(600).toNanos();

        assertThat(stop.request("SIGTERM")).isEqualTo(Heard.AGAIN);
        assertThat(stop.since()).isEqualTo(Duration.ofMillis(2_100));
    }

    @Test
    void was_asked_by_nobody_at_first() {
        assertThat(stop.stopped()).isFalse();
        assertThat(stop.since()).isNull();
        assertThat(stop.signal()).isNull();
    }
}
