package io.sink.testing;

import java.time.Duration;
import java.util.Map;

/** What a {@link FaultyWire} does to one exchange. */
public sealed interface WireFault {

    /** Nothing: the request goes to the server, and its answer back. */
    WireFault NONE = new Without("");

    /** The connection ends once this many bytes of the request, head included, have reached the server. */
    static WireFault cutRequest(long bytes) {
        return new CutRequest(bytes);
    }

    /** The server gets the request; the connection ends once this many bytes of its answer have reached the client. */
    static WireFault cutAnswer(long bytes) {
        return new CutAnswer(bytes);
    }

    /** The server gets the request at once, and the client its answer this much later. */
    static WireFault slowAnswer(Duration delay) {
        return new SlowAnswer(delay);
    }

    /** The server never sees the request; the client gets this instead. */
    static WireFault refused(int status, Map<String, String> headers, String body) {
        return new Replaced(false, status, Map.copyOf(headers), body);
    }

    /** The server gets the request; the client gets this instead of its answer. */
    static WireFault replaced(int status, Map<String, String> headers, String body) {
        return new Replaced(true, status, Map.copyOf(headers), body);
    }

    /** The server gets the request twice, one after the other; the client gets the second answer. */
    static WireFault repeated() {
        return new Repeated();
    }

    /** The server gets the request without this header. */
    static WireFault without(String header) {
        return new Without(header);
    }

    record CutRequest(long bytes) implements WireFault {}

    record CutAnswer(long bytes) implements WireFault {}

    record SlowAnswer(Duration delay) implements WireFault {}

    record Replaced(boolean after, int status, Map<String, String> headers, String body) implements WireFault {}

    record Repeated() implements WireFault {}

    record Without(String header) implements WireFault {}
}
