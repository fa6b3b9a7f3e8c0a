package io.sink.report;

import java.io.BufferedWriter;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A file that appears whole or not at all: written beside its place, synced, renamed. */
public final class ReportFile implements AutoCloseable {
    private final Path target;
    private final Path unfinished;
    private final FileChannel channel;
    private final Remembering writer;
    private boolean finished;

    private ReportFile(Path target, Path unfinished, FileChannel channel, Writer writer) {
        this.target = target;
        this.unfinished = unfinished;
        this.channel = channel;
        this.writer = new Remembering(writer);
    }

    /**
     * Begins a file; an older one at its place stays until {@link #finish}.
     *
     * @throws UncheckedIOException if it cannot be written there, or if something other than a file is there: a device
     *     would be replaced
     */
    public static ReportFile begin(Path target) {
        return begin(target, writer -> writer);
    }

    /**
     * Begins a file that is there as long as this is open, and stays if the process dies; it is never finished.
     *
     * @throws UncheckedIOException if it cannot be written there
     */
    public static ReportFile whileOpen(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        return begin(file, file, writer -> writer);
    }

    /**
     * Deletes the files in the directory of {@code place} that have its extension and were last changed before an
     * instant: files that {@link #whileOpen} began in processes that died. One that is gone meanwhile, as by another
     * run, or that cannot be deleted is left alone.
     *
     * @throws UncheckedIOException if the directory cannot be listed
     */
    public static void forgetBeside(Path place, Instant before) {
        String name = place.getFileName().toString();
        String extension = name.substring(name.lastIndexOf('.'));
        try (Stream<Path> left = Files.list(place.toAbsolutePath().getParent())) {
            left.filter(file -> file.getFileName().toString().endsWith(extension))
                    .filter(Files::isRegularFile)
                    .forEach(file -> forget(file, before));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the files beside " + place, e);
        }
    }

    private static void forget(Path file, Instant before) {
        try {
            if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException goneOrNotOurs) {
            // It only takes room.
        }
    }

    /** As {@link #begin(Path)}, with the writer that {@code through} makes of the file's own. */
    static ReportFile begin(Path target, UnaryOperator<Writer> through) {
        Path absolute = target.toAbsolutePath().normalize();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            throw new UncheckedIOException(
                    "cannot write " + target, new IOException("something other than a file is there"));
        }
        Path folder = absolute.getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new UncheckedIOException(
                    "cannot write " + target,
                    new IOException("there is no folder " + folder + "; make it, or name another place"));
        }
        Path unfinished = absolute.resolveSibling(
                "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        return begin(absolute, unfinished, through);
    }

    private static ReportFile begin(Path target, Path unfinished, UnaryOperator<Writer> through) {
        try {
            FileChannel channel = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
            Writer plain = new OutputStreamWriter(Channels.newOutputStream(channel), StandardCharsets.UTF_8);
            return new ReportFile(target, unfinished, channel, new BufferedWriter(through.apply(plain)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }

    /**
     * The writer of the file. It never throws: the run goes on when the report's disk is full, and {@link #finish} says
     * so.
     */
    public Writer writer() {
        return writer;
    }

    /**
     * Puts the file in its place.
     *
     * @throws UncheckedIOException if it cannot be put there, or any part of it could not be written
     */
    public void finish() {
        try {
            writer.flush();
            if (writer.failure != null) {
                throw writer.failure;
            }
            channel.force(true);
            channel.close();
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            finished = true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }

    /** Deletes the file if it was not finished. */
    @Override
    public void close() {
        if (finished) {
            return;
        }
        try {
            channel.close();
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + unfinished, e);
        }
    }

    /** Keeps the first failure, and drops what comes after it. */
    private static final class Remembering extends FilterWriter {
        private @Nullable IOException failure;

        Remembering(Writer out) {
            super(out);
        }

        private interface Writing {
            void run() throws IOException;
        }

        private void unlessFailed(Writing writing) {
            if (failure != null) {
                return;
            }
            try {
                writing.run();
            } catch (IOException e) {
                failure = e;
            }
        }

        @Override
        public void write(int c) {
            unlessFailed(() -> out.write(c));
        }

        @Override
        public void write(char[] chars, int offset, int length) {
            unlessFailed(() -> out.write(chars, offset, length));
        }

        @Override
        public void write(String text, int offset, int length) {
            unlessFailed(() -> out.write(text, offset, length));
        }

        @Override
        public void flush() {
            unlessFailed(out::flush);
        }

        @Override
        public void close() {
            unlessFailed(out::close);
        }
    }
}
