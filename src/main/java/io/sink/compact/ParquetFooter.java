package io.sink.compact;

import io.sink.pages.BrokenPageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.SeekableInputStream;

/** Reads Parquet footers through Iceberg's FileIO and without Hadoop's configuration, which costs 8 ms a file. */
final class ParquetFooter {
    private static final ParquetReadOptions OPTIONS =
            ParquetReadOptions.builder(new PlainParquetConfiguration()).build();

    private ParquetFooter() {}

    /**
     * The footer of the file, read from storage.
     *
     * @throws UncheckedIOException if the file cannot be read
     * @throws ParquetCryptoRuntimeException if it is encrypted
     * @throws BrokenPageException if it is no footer
     */
    static ParquetMetadata read(InputFile file) {
        try (ParquetFileReader reader = ParquetFileReader.open(new Input(file), OPTIONS)) {
            return reader.getFooter();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the Parquet footer of " + file.location(), e);
        } catch (ParquetCryptoRuntimeException | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            // Whatever a damaged footer leads Parquet to, without a word about the file and sometimes without any.
            throw new BrokenPageException("The Parquet footer of " + file.location() + " cannot be read: " + e, e);
        }
    }

    private record Input(InputFile file) implements org.apache.parquet.io.InputFile {
        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            return new Stream(file.newStream());
        }
    }

    private static final class Stream extends DelegatingSeekableInputStream {
        private final org.apache.iceberg.io.SeekableInputStream stream;

        Stream(org.apache.iceberg.io.SeekableInputStream stream) {
            super(stream);
            this.stream = stream;
        }

        @Override
        public long getPos() throws IOException {
            return stream.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
            stream.seek(position);
        }
    }
}
