package io.sink.rows;

import java.io.IOException;
import java.util.function.Supplier;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;

/** The rows of a file; a failure to read them names the file, which Iceberg's and Parquet's own messages seldom do. */
record NamedRows(String location, CloseableIterable<Record> rows) implements CloseableIterable<Record> {
    @Override
    public CloseableIterator<Record> iterator() {
        CloseableIterator<Record> each = named(rows::iterator);
        return new CloseableIterator<>() {
            @Override
            public boolean hasNext() {
                return named(each::hasNext);
            }

            @Override
            public Record next() {
                return named(each::next);
            }

            @Override
            public void close() throws IOException {
                each.close();
            }
        };
    }

    private <T> T named(Supplier<T> read) {
        try {
            return read.get();
        } catch (RuntimeException e) {
            throw UnreadableFileException.of(location, e);
        }
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
