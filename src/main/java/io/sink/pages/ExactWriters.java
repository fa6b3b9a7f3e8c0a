package io.sink.pages;

import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.dictionary.DictionaryValuesWriter;
import org.apache.parquet.column.values.dictionary.DictionaryValuesWriter.PlainIntegerDictionaryValuesWriter;
import org.apache.parquet.column.values.dictionary.DictionaryValuesWriter.PlainLongDictionaryValuesWriter;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.column.values.fallback.FallbackValuesWriter;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** Parquet's writers of values, except for floating point: those change the bits of NaNs. */
final class ExactWriters implements ValuesWriterFactory {
    private final ValuesWriterFactory others;
    private @Nullable ParquetProperties properties;

    /** @param others makes the writers of all other types */
    ExactWriters(ValuesWriterFactory others) {
        this.others = others;
    }

    @Override
    public void initialize(ParquetProperties built) {
        this.properties = built;
        others.initialize(built);
    }

    @Override
    public ValuesWriter newValuesWriter(ColumnDescriptor column) {
        PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
        boolean floats = type == PrimitiveTypeName.FLOAT || type == PrimitiveTypeName.DOUBLE;
        return !floats || properties == null || properties.isByteStreamSplitEnabled(column)
                ? others.newValuesWriter(column)
                : new ExactFloats(numbers(properties, column, type == PrimitiveTypeName.DOUBLE));
    }

    /** Writes integers of the same width, with the encodings of floating point. */
    private static ValuesWriter numbers(ParquetProperties properties, ColumnDescriptor column, boolean wide) {
        PlainValuesWriter plain = new PlainValuesWriter(
                properties.getInitialSlabSize(), properties.getPageSizeThreshold(), properties.getAllocator());
        if (!properties.isDictionaryEnabled(column)) {
            return plain;
        }
        boolean first = properties.getWriterVersion() == WriterVersion.PARQUET_1_0;
        Encoding ids = first ? Encoding.PLAIN_DICTIONARY : Encoding.RLE_DICTIONARY;
        Encoding values = first ? Encoding.PLAIN_DICTIONARY : Encoding.PLAIN;
        int most = properties.getDictionaryPageSizeThreshold();
        DictionaryValuesWriter dictionary = wide
                ? new PlainLongDictionaryValuesWriter(most, ids, values, properties.getAllocator())
                : new PlainIntegerDictionaryValuesWriter(most, ids, values, properties.getAllocator());
        return FallbackValuesWriter.of(dictionary, plain);
    }
}
