package lib;

import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.DVFileWriter;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DeleteWriteResult;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;

/** Threads that append to and delete from one table of {@link PathTable#SCHEMA}, and keep count of every row. */
public final class Writers implements AutoCloseable {
    /** Rows whose append was acknowledged. */
    public final Set<Long> appended = ConcurrentHashMap.newKeySet();
    /** Rows whose deletion was acknowledged. */
    public final Set<Long> deleted = ConcurrentHashMap.newKeySet();
    /** Appends that were acknowledged. */
    public final AtomicInteger appends = new AtomicInteger();
    /** Deletions that lost a race and were begun again. */
    public final AtomicInteger lost = new AtomicInteger();

    private final Supplier<Table> table;
    private final long seed;
    private final AtomicLong nextId = new AtomicLong(1);
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /** @param table loads the table anew, for a thread of its own */
    public Writers(Supplier<Table> table, long seed) {
        this.table = table;
        this.seed = seed;
    }

    /** Appends so many files at once, so that there is something to compact. */
    public void fill(int files) throws IOException {
        Table own = table.get();
        Random random = new Random(seed);
        for (int file = 0; file < files; file++) {
            appendOnce(own, random);
        }
    }

    /** Starts a thread that appends a few rows, again and again, with a pause of up to so many milliseconds. */
    public void append(int pauseMillis) {
        start("appender", pauseMillis, this::appendOnce);
    }

    /** Starts a thread that deletes one row of a random live file, again and again. */
    public void delete(int pauseMillis) {
        start("deleter", pauseMillis, this::deleteOnce);
    }

    private interface Change {
        void make(Table table, Random random) throws IOException;
    }

    private void start(String name, int pauseMillis, Change change) {
        int number = threads.size();
        Random random = new Random(seed + number);
        Thread thread = new Thread(
                () -> {
                    try {
                        Table own = table.get();
                        while (!stopped) {
                            change.make(own, random);
                            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(pauseMillis)));
                        }
                    } catch (IOException | RuntimeException | Error e) {
                        failures.put(Thread.currentThread().getName(), e);
                    }
                },
                name + "-" + number);
        threads.add(thread);
        thread.start();
    }

    private void appendOnce(Table own, Random random) throws IOException {
        List<Long> ids = new ArrayList<>();
        List<Record> rows = new ArrayList<>();
        for (int i = 1 + random.nextInt(20); i > 0; i--) {
            long id = nextId.getAndIncrement();
            ids.add(id);
            Record row = GenericRecord.create(PathTable.SCHEMA);
            row.setField("id", id);
            row.setField("name", "row " + id);
            rows.add(row);
        }
        DataFile file = new TableChanges(own).write(rows, own.schema(), own.spec(), null);
        untilCommitted(() -> {
            own.newFastAppend().appendFile(file).commit();
            return true;
        });
        appended.addAll(ids);
        appends.incrementAndGet();
    }

    /** A commit that failed for certain is made again: a lost race of a writer is none of the compaction's business. */
    private static void untilCommitted(BooleanSupplier commit) {
        boolean done = false;
        while (!done) {
            try {
                done = commit.getAsBoolean();
            } catch (CommitFailedException lost) {
                done = false;
            }
        }
    }

    private void deleteOnce(Table own, Random random) throws IOException {
        own.refresh();
        if (own.currentSnapshot() == null) {
            return;
        }
        long start = own.currentSnapshot().snapshotId();
        try {
            List<FileScanTask> live = new ArrayList<>();
            try (CloseableIterable<FileScanTask> tasks = own.newScan().planFiles()) {
                tasks.forEach(live::add);
            }
            if (live.isEmpty()) {
                return;
            }
            delete(own, start, live.get(random.nextInt(live.size())), random);
        } catch (CommitFailedException | ValidationException | NotFoundException e) {
            lost.incrementAndGet();
        }
    }

    private void delete(Table own, long start, FileScanTask task, Random random) throws IOException {
        String path = task.file().location();
        PositionDeleteIndex before = task.deletes().isEmpty()
                ? PositionDeleteIndex.empty()
                : new BaseDeleteLoader(own.io()::newInputFile).loadPositionDeletes(task.deletes(), path);
        long position = random.nextInt(Math.toIntExact(task.file().recordCount()));
        if (before.isDeleted(position)) {
            return;
        }
        long id = idAt(own, task.file(), position);
        OutputFileFactory outputs = OutputFileFactory.builderFor(own, 1, 1)
                .format(FileFormat.PUFFIN)
                .build();
        DVFileWriter writer = new BaseDVFileWriter(outputs, of -> task.deletes().isEmpty() ? null : before);
        try (writer) {
            writer.delete(path, position, own.spec(), task.file().partition());
        }
        DeleteWriteResult written = writer.result();
        RowDelta delta = own.newRowDelta().validateFromSnapshot(start).validateDataFilesExist(List.of(path));
        written.deleteFiles().forEach(delta::addDeletes);
        written.rewrittenDeleteFiles().forEach(delta::removeDeletes);
        try {
            delta.commit();
        } catch (CommitFailedException | ValidationException e) {
            for (DeleteFile file : written.deleteFiles()) {
                own.io().deleteFile(file.location());
            }
            throw e;
        }
        if (!deleted.add(id)) {
            throw new IllegalStateException("row " + id + " was deleted before and is back, in " + path);
        }
    }

    private static long idAt(Table own, DataFile file, long position) {
        try (CloseableIterable<Record> rows = Parquet.read(own.io().newInputFile(file.location()))
                .project(own.schema())
                .createReaderFunc(type -> GenericParquetReaders.buildReader(own.schema(), type))
                .build()) {
            long at = 0;
            for (Record row : rows) {
                if (at++ == position) {
                    return (Long) row.getField("id");
                }
            }
            throw new IllegalStateException(file.location() + " has no row " + position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What ended a thread before its time. */
    public Map<String, Throwable> failures() {
        return Map.copyOf(failures);
    }

    /** Lets every thread finish what it does. */
    @Override
    public void close() {
        stopped = true;
        boolean interrupted = false;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
