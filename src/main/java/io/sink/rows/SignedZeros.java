package io.sink.rows;

import org.apache.iceberg.data.Record;
import org.apache.iceberg.orc.OrcRowReader;
import org.apache.orc.storage.ql.exec.vector.ColumnVector;
import org.apache.orc.storage.ql.exec.vector.DoubleColumnVector;
import org.apache.orc.storage.ql.exec.vector.ListColumnVector;
import org.apache.orc.storage.ql.exec.vector.MapColumnVector;
import org.apache.orc.storage.ql.exec.vector.StructColumnVector;
import org.apache.orc.storage.ql.exec.vector.VectorizedRowBatch;

/**
 * Keeps the sign of every zero read from ORC. ORC's reader marks values as repeating if they are equal as numbers, and
 * -0.0 equals 0.0; Iceberg's reader then takes the first value for all, although each is stored.
 *
 * @param rows reads the rows of a batch
 */
record SignedZeros(OrcRowReader<Record> rows) implements OrcRowReader<Record> {
    @Override
    public Record read(VectorizedRowBatch batch, int row) {
        if (row == 0) {
            for (ColumnVector column : batch.cols) {
                spread(column);
            }
        }
        return rows.read(batch, row);
    }

    @Override
    public void setBatchContext(long batchOffsetInFile) {
        rows.setBatchContext(batchOffsetInFile);
    }

    private static void spread(ColumnVector column) {
        if (column instanceof DoubleColumnVector numbers) {
            // If all values are null, the repeated one is a NaN.
            if (numbers.isRepeating && numbers.vector[0] == 0) {
                numbers.isRepeating = false;
            }
        } else if (column instanceof StructColumnVector struct) {
            for (ColumnVector field : struct.fields) {
                spread(field);
            }
        } else if (column instanceof ListColumnVector list) {
            spread(list.child);
        } else if (column instanceof MapColumnVector map) {
            spread(map.keys);
            spread(map.values);
        }
    }
}
