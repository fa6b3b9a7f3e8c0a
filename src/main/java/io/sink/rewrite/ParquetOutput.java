package io.sink.rewrite;

import java.io.IOException;
import org.apache.parquet.io.DelegatingPositionOutputStream;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Adapts a file of Iceberg's FileIO for Parquet's writer. Never overwrites.
 *
 * @param streamed gets every byte that is written; null if nobody wants them
 */
record ParquetOutput(
        org.apache.iceberg.io.OutputFile file, @Nullable StreamedBytes streamed) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
        org.apache.iceberg.io.PositionOutputStream stream = file.create();
        return new DelegatingPositionOutputStream(stream) {
            @Override
            public long getPos() throws IOException {
                return stream.getPos();
            }

            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes) throws IOException {
                write(bytes, 0, bytes.length);
            }

            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                super.write(bytes, from, count);
                if (streamed != null) {
                    streamed.add(bytes, from, count);
                }
            }
        };
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
        throw new UnsupportedOperationException("will not overwrite " + file.location());
    }

    @Override
    public boolean supportsBlockSize() {
        return false;
    }

    @Override
    public long defaultBlockSize() {
        return 0;
    }

    @Override
    public String getPath() {
        return file.location();
    }
}
