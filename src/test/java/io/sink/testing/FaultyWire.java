package io.sink.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * An HTTP/1.1 proxy on loopback in front of a server on loopback, which does to each exchange what a plan says: cuts
 * it, holds it up, answers in the server's stead, sends it again.
 *
 * <p>Neither side is told: the server sees the request byte for byte, but for {@code Expect}, which the proxy answers
 * itself. Connections are kept alive as client and server want.
 */
public final class FaultyWire implements AutoCloseable {
    private final int server;
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "faulty-wire");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Function<Exchange, WireFault> plan = exchange -> WireFault.NONE;

    private FaultyWire(int server) throws IOException {
        this.server = server;
        this.listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    }

    /** Starts a wire to the server on this port of {@code 127.0.0.1}. */
    public static FaultyWire to(int port) {
        try {
            FaultyWire wire = new FaultyWire(port);
            wire.threads.execute(wire::accept);
            return wire;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where clients connect. */
    public int port() {
        return listening.getLocalPort();
    }

    /** {@code http://127.0.0.1:<port>}. */
    public String uri() {
        return "http://127.0.0.1:" + port();
    }

    /** Asks this plan, and no other, about every further exchange; it is asked once the request's head was read. */
    public void plan(Function<Exchange, WireFault> next) {
        this.plan = next;
    }

    /** Every request so far, with what came of it: {@code 7 PUT /lake/a 200}, {@code cut}, or another word. */
    public List<String> log() {
        return List.copyOf(log);
    }

    /** Requests so far. */
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        quietly(listening);
        open.forEach(FaultyWire::quietly);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                open.add(client);
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Upstream upstream = new Upstream()) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            for (HttpMessage head = HttpMessage.read(in); head != null; head = HttpMessage.read(in)) {
                String[] first = head.first().split(" ", 3);
                Exchange exchange = new Exchange(requests.incrementAndGet(), first[0], first[1], head.headers());
                String outcome = "cut";
                try {
                    outcome = carry(head, exchange, plan.apply(exchange), in, out, upstream);
                } finally {
                    log.add(exchange + " " + outcome);
                }
                if (outcome.startsWith("cut") || outcome.endsWith("!")) {
                    return;
                }
            }
        } catch (IOException e) {
            // either side went away, as wires allow
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    /** What came of it; with {@code !} where the connection has to end. */
    private String carry(
            HttpMessage received,
            Exchange exchange,
            WireFault fault,
            InputStream in,
            OutputStream out,
            Upstream upstream)
            throws IOException, InterruptedException {
        if (exchange.header("expect").equalsIgnoreCase("100-continue")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
        HttpMessage head = received.without("expect");
        if (fault instanceof WireFault.Without without) {
            head = head.without(without.header());
        }
        if (fault instanceof WireFault.Replaced replaced && !replaced.after()) {
            head.requestBody(in, (bytes, length) -> {});
            answer(replaced, exchange, out);
            return replaced.status() + " instead";
        }
        if (fault instanceof WireFault.CutRequest cut) {
            Limited limited = new Limited(upstream.out(), cut.bytes());
            limited.take(head.bytes(), head.bytes().length);
            head.requestBody(in, limited);
            return "cut";
        }
        if (fault instanceof WireFault.Repeated) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            head.requestBody(in, HttpMessage.to(body));
            upstream.send(head, body.toByteArray());
            discard(upstream, exchange);
            upstream.send(head, body.toByteArray());
        } else {
            OutputStream to = upstream.out();
            to.write(head.bytes());
            head.requestBody(in, HttpMessage.to(to));
            to.flush();
        }
        if (fault instanceof WireFault.Replaced replaced) {
            discard(upstream, exchange);
            answer(replaced, exchange, out);
            return replaced.status() + " instead";
        }
        HttpMessage answer = upstream.answer();
        if (fault instanceof WireFault.SlowAnswer slow) {
            Thread.sleep(slow.delay().toMillis());
        }
        HttpMessage.Sink to =
                fault instanceof WireFault.CutAnswer cut ? new Limited(out, cut.bytes()) : HttpMessage.to(out);
        to.take(answer.bytes(), answer.bytes().length);
        answer.answerBody(upstream.in(), to, exchange.method());
        out.flush();
        if (fault instanceof WireFault.CutAnswer) {
            return "cut after " + answer.status();
        }
        if (answer.endsConnection() && !exchange.method().equals("HEAD")) {
            return answer.status() + "!";
        }
        return Integer.toString(answer.status());
    }

    private static void discard(Upstream upstream, Exchange exchange) throws IOException {
        HttpMessage answer = upstream.answer();
        answer.answerBody(upstream.in(), (bytes, length) -> {}, exchange.method());
        if (answer.endsConnection()) {
            upstream.close();
        }
    }

    private static void answer(WireFault.Replaced replaced, Exchange exchange, OutputStream out) throws IOException {
        byte[] body = replaced.body().getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder("HTTP/1.1 " + replaced.status() + " Replaced\r\n");
        for (Map.Entry<String, String> header : replaced.headers().entrySet()) {
            head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (!exchange.method().equals("HEAD")) {
            out.write(body);
        }
        out.flush();
    }

    private static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // it is going away in any case
        }
    }

    /** Passes so many bytes on, and then ends in an exception, at which both connections close. */
    private static final class Limited implements HttpMessage.Sink {
        private final OutputStream out;
        private long left;

        Limited(OutputStream out, long bytes) {
            this.out = out;
            this.left = bytes;
        }

        @Override
        public void take(byte[] bytes, int length) throws IOException {
            int passed = (int) Math.min(left, length);
            out.write(bytes, 0, passed);
            out.flush();
            left -= passed;
            if (passed < length || left == 0) {
                throw new IOException("cut");
            }
        }
    }

    /** The connection to the server, opened when it is needed, and anew once the server ended it. */
    private final class Upstream implements AutoCloseable {
        private final ByteArrayOutputStream nothing = new ByteArrayOutputStream(0);
        private Socket socket = new Socket();
        private InputStream in = InputStream.nullInputStream();
        private OutputStream out = nothing;

        OutputStream out() throws IOException {
            if (!socket.isConnected() || socket.isClosed()) {
                socket = new Socket(InetAddress.getLoopbackAddress(), server);
                open.add(socket);
                socket.setTcpNoDelay(true);
                in = new BufferedInputStream(socket.getInputStream());
                out = socket.getOutputStream();
            }
            return out;
        }

        InputStream in() {
            return in;
        }

        void send(HttpMessage head, byte[] body) throws IOException {
            OutputStream to = out();
            to.write(head.bytes());
            to.write(body);
            to.flush();
        }

        /** The next answer that is no interim one. */
        HttpMessage answer() throws IOException {
            HttpMessage answer;
            do {
                answer = HttpMessage.read(in);
                if (answer == null) {
                    throw new IOException("The server ended the connection");
                }
            } while (answer.status() < 200);
            return answer;
        }

        @Override
        public void close() {
            open.remove(socket);
            quietly(socket);
        }
    }
}
