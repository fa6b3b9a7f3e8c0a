package io.sink.pages;

import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesWriter;

/** Writes floating-point values by their bits, as integers. Parquet's own writers write one NaN for all. */
final class ExactFloats extends ValuesWriter {
    private final ValuesWriter bits;

    /** @param bits writes integers, plain or with a dictionary */
    ExactFloats(ValuesWriter bits) {
        this.bits = bits;
    }

    @Override
    public void writeFloat(float value) {
        bits.writeInteger(Float.floatToRawIntBits(value));
    }

    @Override
    public void writeDouble(double value) {
        bits.writeLong(Double.doubleToRawLongBits(value));
    }

    @Override
    public long getBufferedSize() {
        return bits.getBufferedSize();
    }

    @Override
    public BytesInput getBytes() {
        return bits.getBytes();
    }

    @Override
    public Encoding getEncoding() {
        return bits.getEncoding();
    }

    @Override
    public void reset() {
        bits.reset();
    }

    @Override
    public void close() {
        bits.close();
    }

    @Override
    public DictionaryPage toDictPageAndClose() {
        return bits.toDictPageAndClose();
    }

    @Override
    public void resetDictionary() {
        bits.resetDictionary();
    }

    @Override
    public long getAllocatedSize() {
        return bits.getAllocatedSize();
    }

    @Override
    public String memUsageString(String prefix) {
        return bits.memUsageString(prefix);
    }
}
