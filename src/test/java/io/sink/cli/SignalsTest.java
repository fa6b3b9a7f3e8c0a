package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sink.run.Stop;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.misc.Signal;
import sun.misc.SignalHandler;

class SignalsTest {

    @ParameterizedTest
    @ValueSource(strings = {"HUP", "TERM", "INT"})
    @Timeout(60)
    void each_asks_the_run_to_stop_and_is_named(String name) throws InterruptedException {
        Map<Signal, SignalHandler> before = new LinkedHashMap<>();
        for (String handled : new String[] {"HUP", "TERM", "INT"}) {
            Signal signal = new Signal(handled);
            before.put(signal, Signal.handle(signal, ignored -> {}));
        }
        Stop stop = new Stop();
        try {
            // Under nohup, or behind an &, the JVM leaves a signal ignored that was so when it began.
            assumeThat(before.get(new Signal(name))).isNotEqualTo(SignalHandler.SIG_IGN);
            Signals.stopOnSignals(stop);

            Signal.raise(new Signal(name));

            while (!stop.stopped()) {
                Thread.sleep(10);
            }
            assertThat(stop.signal()).isEqualTo("SIG" + name);
        } finally {
            before.forEach(Signal::handle);
        }
    }
}
