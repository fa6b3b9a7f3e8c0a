package io.sink.columns;

import io.sink.pages.Fill;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * A column chunk and how its entries are to be taken.
 *
 * @param file the name of its file
 * @param bytes the chunk's bytes, in pieces that follow one another and are not changed meanwhile
 * @param chunk the chunk as the file's footer has it
 * @param column the column in its file
 * @param output the type that the values have in the output
 * @param levels the output's definition level for each of the file's; null if they are the same
 * @param rows the rows of the chunk
 * @param nulls what nulls become; null if they stay
 * @param writer the file's writer; null if it is not known
 * @param index gives the chunk's column index; null if it has none
 */
public record StoredColumn(
        String file,
        List<ByteBuffer> bytes,
        ColumnChunkMetaData chunk,
        ColumnDescriptor column,
        PrimitiveType output,
        int @Nullable [] levels,
        RowRange rows,
        @Nullable Fill nulls,
        @Nullable ParsedVersion writer,
        Supplier<@Nullable ColumnIndex> index) {
    /** All of the chunk, as it is in its file. */
    StoredColumn asStored() {
        return new StoredColumn(
                file,
                bytes,
                chunk,
                column,
                column.getPrimitiveType(),
                null,
                new RowRange(rows.first(), rows.count(), null),
                null,
                writer,
                index);
    }

    /** Whether values and levels of the output are those of the file as they are. */
    boolean unchanged() {
        return nulls == null && Widening.of(column.getPrimitiveType(), output) == Widening.NONE;
    }
}
