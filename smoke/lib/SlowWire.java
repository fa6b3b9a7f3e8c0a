package lib;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A wire to an S3 server that passes everything on at once, but Parquet files in one direction at 1 KB/s. */
public final class SlowWire implements AutoCloseable {
    private static final int PART = 100;
    private static final long PAUSE_MILLIS = 100;

    private final ServerSocket listening;
    private final int port;
    private final String method;
    private final CountDownLatch slow = new CountDownLatch(1);
    private volatile boolean closed;

    private SlowWire(int port, String method) throws IOException {
        this.port = port;
        this.method = method;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        inOwnThread(this::accept);
    }

    /** Downloads are slow. */
    public static SlowWire downloads(int port) throws IOException {
        return new SlowWire(port, "GET ");
    }

    /** Uploads are slow. */
    public static SlowWire uploads(int port) throws IOException {
        return new SlowWire(port, "PUT ");
    }

    /** {@code http://127.0.0.1:<port>}. */
    public String uri() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /** Waits until a file has begun to go slowly. */
    public void awaitSlow() throws InterruptedException {
        if (!slow.await(2, TimeUnit.MINUTES)) {
            throw new AssertionError("no Parquet file was asked for by " + method);
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket near = listening.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
                Pace pace = new Pace();
                inOwnThread(() -> pass(near, far, pace, true));
                inOwnThread(() -> pass(far, near, pace, false));
            } catch (IOException ended) {
                return;
            }
        }
    }

    /** What the connection's last request makes slow. */
    private static final class Pace {
        private volatile boolean up;
        private volatile boolean down;
    }

    private void pass(Socket from, Socket to, Pace pace, boolean up) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (up) {
                    look(new String(buffer, 0, Math.min(read, 400), StandardCharsets.ISO_8859_1), pace);
                }
                if (up ? pace.up : pace.down) {
                    slow.countDown();
                    slowly(buffer, read, out);
                } else {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException | InterruptedException ended) {
            return;
        }
    }

    private void look(String head, Pace pace) {
        if (head.matches("(?s)(GET|PUT|POST|HEAD|DELETE) .*")) {
            boolean slows = head.startsWith(method)
                    && head.lines().findFirst().orElse("").contains(".parquet");
            pace.up = slows && method.equals("PUT ");
            pace.down = slows && method.equals("GET ");
        }
    }

    private void slowly(byte[] bytes, int length, OutputStream out) throws IOException, InterruptedException {
        for (int at = 0; at < length && !closed; at += PART) {
            out.write(bytes, at, Math.min(PART, length - at));
            out.flush();
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private static void inOwnThread(Runnable task) {
        Thread thread = new Thread(task, "slow-wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listening.close();
    }
}
