package io.sink.columns;

import io.sink.pages.FileBytes;
import io.sink.pages.Fill;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * A column chunk and how its entries are to be taken.
 *
 * @param column the column in its file
 * @param output the type that the values have in the output
 * @param levels the output's definition level for each of the file's; null if they are the same
 * @param rows the rows of the chunk
 * @param nulls what nulls become; null if they stay
 * @param writer the file's writer; null if it is not known
 */
public record StoredColumn(
        FileBytes file,
        ColumnChunkMetaData chunk,
        ColumnDescriptor column,
        PrimitiveType output,
        int @Nullable [] levels,
        RowRange rows,
        @Nullable Fill nulls,
        @Nullable ParsedVersion writer) {
    /** Whether values and levels of the output are those of the file as they are. */
    boolean unchanged() {
        return nulls == null && Widening.of(column.getPrimitiveType(), output) == Widening.NONE;
    }
}
