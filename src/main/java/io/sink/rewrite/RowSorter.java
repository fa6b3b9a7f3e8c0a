package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.rewrite.RowOrder.Placed;
import io.sink.rows.RowSize;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableGroup;
import org.apache.iceberg.io.CloseableIterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sorts any number of rows in bounded memory: full buffers are sorted and written to files in the local temporary
 * directory, which are then merged. The sort is stable. {@link #close} deletes the files.
 *
 * <p>Rows that arrive in order stay together: an input that is sorted already becomes one file, however long it is, so
 * that sorted inputs are only merged. Whether an input is sorted is found by comparing its rows.
 */
final class RowSorter implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(RowSorter.class);

    /** Runs merged at once; each holds one small row group in memory. */
    private static final int FAN_IN = 32;

    private static final int STOP_EVERY = 4096;

    private final Schema schema;
    private final RowOrder order;
    private final long memoryBytes;
    private final StopSignal stop;
    private final List<Placed> buffer = new ArrayList<>();
    private final List<Path> runs = new ArrayList<>();
    private final Path directory;
    private long bufferedBytes;
    private boolean ascending = true;
    private @Nullable OpenRun open;
    private long rows;
    private int files;

    /** The newest run, which continues while new rows are not less than its last row. */
    private record OpenRun(SpillFile.Writer writer, Placed last) {}

    /**
     * @param memoryBytes heap that buffered rows may take, estimated
     * @param temporary where to create a directory for rows that do not fit in memory
     */
    RowSorter(Schema schema, RowOrder order, long memoryBytes, Path temporary, StopSignal stop) {
        this.schema = schema;
        this.order = order;
        this.memoryBytes = memoryBytes;
        this.stop = stop;
        try {
            this.directory = Files.createTempDirectory(temporary, "sink-sort-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds a row, which must not be changed or reused afterwards. */
    void add(Record row) {
        Placed placed = order.place(row);
        if (ascending && !buffer.isEmpty() && order.compare(buffer.get(buffer.size() - 1), placed) > 0) {
            if (open != null && order.compare(open.last(), buffer.get(0)) <= 0) {
                // The end of a long sorted input. Sorting its rest with the next input would break off the run.
                spill();
                endRun();
            } else {
                ascending = false;
            }
        }
        buffer.add(placed);
        bufferedBytes += RowSize.of(row);
        rows++;
        if (bufferedBytes > memoryBytes) {
            spill();
        }
    }

    /** The number of rows added. */
    long rows() {
        return rows;
    }

    /** Hands all rows to the sink, in order. To be called once. */
    void drain(Consumer<Placed> sink) {
        if (runs.isEmpty()) {
            buffer.sort(order::compare);
            Stopping stopping = new Stopping(sink);
            buffer.forEach(stopping);
            buffer.clear();
            return;
        }
        spill();
        endRun();
        List<Path> left = runs;
        while (left.size() > FAN_IN) {
            List<Path> merged = new ArrayList<>();
            for (int from = 0; from < left.size(); from += FAN_IN) {
                merged.add(mergeToFile(left.subList(from, Math.min(from + FAN_IN, left.size()))));
            }
            left = merged;
        }
        merge(left, sink);
    }

    private void spill() {
        if (buffer.isEmpty()) {
            return;
        }
        buffer.sort(order::compare);
        if (open == null || order.compare(open.last(), buffer.get(0)) > 0) {
            endRun();
            Path run = newRun();
            runs.add(run);
            open = new OpenRun(SpillFile.write(run, schema), buffer.get(0));
        }
        SpillFile.Writer writer = open.writer();
        buffer.forEach(new Stopping(placed -> writer.add(placed.row())));
        open = new OpenRun(writer, buffer.get(buffer.size() - 1));
        buffer.clear();
        bufferedBytes = 0;
        ascending = true;
    }

    private void endRun() {
        if (open != null) {
            OpenRun ended = open;
            open = null;
            ended.writer().close();
        }
    }

    private Path mergeToFile(List<Path> parts) {
        Path run = newRun();
        try (SpillFile.Writer writer = SpillFile.write(run, schema)) {
            merge(parts, placed -> writer.add(placed.row()));
        }
        parts.forEach(RowSorter::delete);
        return run;
    }

    private Path newRun() {
        return directory.resolve("run-" + files++ + ".parquet");
    }

    private static final class Source {
        final int number;
        final Iterator<Record> rows;
        Placed head;

        Source(int number, Iterator<Record> rows, Placed head) {
            this.number = number;
            this.rows = rows;
            this.head = head;
        }
    }

    private void merge(List<Path> parts, Consumer<Placed> sink) {
        Comparator<Source> byHead = (one, other) -> order.compare(one.head, other.head);
        PriorityQueue<Source> heap = new PriorityQueue<>(byHead.thenComparingInt(source -> source.number));
        Stopping stopping = new Stopping(sink);
        try (CloseableGroup opened = new CloseableGroup()) {
            for (int i = 0; i < parts.size(); i++) {
                var file = SpillFile.read(parts.get(i), schema);
                opened.addCloseable(file);
                CloseableIterator<Record> rows = file.iterator();
                opened.addCloseable(rows);
                if (rows.hasNext()) {
                    heap.add(new Source(i, rows, order.place(rows.next())));
                }
            }
            while (!heap.isEmpty()) {
                Source least = heap.remove();
                stopping.accept(least.head);
                if (least.rows.hasNext()) {
                    least.head = order.place(least.rows.next());
                    heap.add(least);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Stopping implements Consumer<Placed> {
        private final Consumer<Placed> sink;
        private long count;

        Stopping(Consumer<Placed> sink) {
            this.sink = sink;
        }

        @Override
        public void accept(Placed placed) {
            if (count++ % STOP_EVERY == 0) {
                stop.check();
            }
            sink.accept(placed);
        }
    }

    @Override
    public void close() {
        buffer.clear();
        try {
            endRun();
        } catch (RuntimeException e) {
            LOG.debug("cannot close the newest run of {}, which is deleted anyway", directory, e);
        }
        for (int i = 0; i < files; i++) {
            delete(directory.resolve("run-" + i + ".parquet"));
        }
        delete(directory);
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
