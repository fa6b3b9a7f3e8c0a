package lib;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lib.Sink.Ended;

/** A program at work. */
public final class Running {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final CompletableFuture<String> stdout;
    private final CompletableFuture<String> stderr;
    private final StringBuilder said = new StringBuilder();

    Running(Process process) {
        this.process = process;
        this.stdout = CompletableFuture.supplyAsync(() -> all(process.getInputStream()), Running::inOwnThread);
        this.stderr = CompletableFuture.supplyAsync(() -> listen(process), Running::inOwnThread);
    }

    private static void inOwnThread(Runnable task) {
        Thread thread = new Thread(task, "sink-output");
        thread.setDaemon(true);
        thread.start();
    }

    private static String all(InputStream in) {
        try (in) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            in.transferTo(bytes);
            return bytes.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String listen(Process of) {
        try (BufferedReader lines = of.errorReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (said) {
                    said.append(line).append('\n');
                    said.notifyAll();
                }
            }
            synchronized (said) {
                return said.toString();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a signal, such as {@code INT} or {@code TERM}. */
    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Ends it as {@code kill -9} does; nothing happens if it has ended. */
    public void kill() {
        process.destroyForcibly();
    }

    /** The process: {@code bin/sink} becomes the JVM itself. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Waits until stderr holds this text. */
    public void awaitStderr(String text) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        synchronized (said) {
            while (said.indexOf(text) < 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0 || stderr.isDone()) {
                    throw new AssertionError("'" + text + "' was never said, but: " + said);
                }
                said.wait(Math.min(left, 1_000));
            }
        }
    }

    /** Waits for the end. */
    public Ended ended() throws InterruptedException {
        return ended(PATIENCE);
    }

    /** Waits for the end of a long run. */
    public Ended ended(Duration patience) throws InterruptedException {
        try {
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("no end within " + patience + "; stderr so far: " + said);
            }
            return new Ended(process.exitValue(), stdout.join(), stderr.join());
        } finally {
            process.destroyForcibly();
        }
    }
}
