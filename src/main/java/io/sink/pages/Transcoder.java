package io.sink.pages;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Makes one column chunk by copying values one by one, without records. It works for every column that a
 * {@link SchemaMatch} finds.
 */
final class Transcoder {
    private static final long JULIAN_DAY_OF_1970 = 2_440_588;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final ParsedVersion NOBODY = new ParsedVersion("unknown", null, null);

    private final ColumnDescriptor column;
    private final int number;
    private final List<RowGroupPart> parts;
    private final Codecs codecs;
    private final Buffers buffers;
    private final ChunkBuilder chunk;
    private final ChunkWriter pages;
    private final ColumnWriteStore store;
    private final ColumnWriter writer;
    private final LeafSummary summary;
    private final int full;

    /**
     * @param column the output's column of this number
     * @param parts the parts to transcode
     */
    Transcoder(
            MessageType output,
            ColumnDescriptor column,
            int number,
            WriteSettings settings,
            Codecs codecs,
            Buffers buffers,
            List<RowGroupPart> parts) {
        this.column = column;
        this.number = number;
        this.parts = parts;
        this.codecs = codecs;
        this.buffers = buffers;
        this.chunk = new ChunkBuilder(column, codecs, buffers);
        this.summary = chunk.summary();
        this.pages = new ChunkWriter(column, chunk);
        // Each column has its own store, since the end of a row can end the pages of all columns of a store.
        // Consecutive numbers get no dictionary, since it would only be abandoned.
        ParquetProperties properties = parts.stream().anyMatch(this::counts)
                ? ParquetProperties.copy(settings.properties())
                        .withValuesWriterFactory(WriteSettings.valuesWriters(
                                settings.properties().getWriterVersion()))
                        .withDictionaryEncoding(false)
                        .build()
                : settings.properties();
        this.store = properties.newColumnWriteStore(alone(output, column.getPath()), pages, pages);
        this.writer = store.getColumnWriter(column);
        this.full = column.getMaxDefinitionLevel();
    }

    private boolean counts(RowGroupPart part) {
        return part.origins().get(number) instanceof Origin.Generated generated
                && generated.fill() instanceof Fill.Counting;
    }

    private static MessageType alone(MessageType output, String[] path) {
        return new MessageType(output.getName(), alone(output, path, 0));
    }

    private static Type alone(GroupType group, String[] path, int depth) {
        Type field = group.getType(path[depth]);
        return field.isPrimitive()
                ? field
                : field.asGroupType().withNewFields(alone(field.asGroupType(), path, depth + 1));
    }

    /**
     * Copies the values.
     *
     * @throws BrokenPageException if a source is damaged
     */
    BuiltChunk transcode() {
        Map<Share, Long> shares = new EnumMap<>(Share.class);
        for (RowGroupPart part : parts) {
            Origin origin = part.origins().get(number);
            if (origin instanceof Origin.Stored stored) {
                ColumnChunkMetaData metadata =
                        part.file().chunk(part.rowGroup(), stored.leaf().column());
                ChunkPages source = ChunkPages.read(part.file(), metadata, buffers.mostOfChunk());
                try {
                    move(part, stored, source);
                } catch (BrokenPageException e) {
                    throw e;
                } catch (RuntimeException e) {
                    throw source.broken("its values cannot be read", e);
                }
                shares.merge(Share.TRANSCODED, metadata.getTotalSize(), Long::sum);
            } else if (origin instanceof Origin.Generated generated) {
                generate(part, generated.fill());
            }
        }
        store.close();
        chunk.finish();
        Statistics<?> statistics = pages.statistics();
        bounds(statistics);
        return new BuiltChunk(chunk, chunk.made(statistics), shares);
    }

    private void bounds(Statistics<?> statistics) {
        boolean floats = switch (column.getPrimitiveType().getPrimitiveTypeName()) {
            case FLOAT, DOUBLE -> true;
            default -> false;
        };
        // Floating-point bounds were collected value by value, since statistics have none if there is a NaN.
        if (!floats) {
            summary.bounds(statistics);
        }
        if (!statistics.hasNonNullValue() && summary.values() > summary.nulls()) {
            summary.open();
        }
    }

    private void generate(RowGroupPart part, Fill fill) {
        int rows = part.rows();
        for (int row = 0; row < rows; row++) {
            if (part.keeps(row)) {
                fill(fill, part.firstRow() + row, 0);
                store.endRecord();
            }
        }
    }

    /** @param level the definition level of a null, if there is nothing to fill in */
    private void fill(@Nullable Fill fill, long position, int level) {
        if (fill instanceof Fill.Counting counting) {
            summary.count(1, 0);
            writer.write(counting.first() + position, 0, full);
        } else if (fill instanceof Fill.Constant constant) {
            summary.count(1, 0);
            constant(constant.value());
        } else {
            summary.count(1, 1);
            writer.writeNull(0, level);
        }
    }

    private void constant(Object value) {
        if (value instanceof Boolean truth) {
            writer.write(truth, 0, full);
        } else if (value instanceof Integer number32) {
            writer.write(number32, 0, full);
        } else if (value instanceof Long number64) {
            writer.write(number64, 0, full);
        } else if (value instanceof Float real) {
            write(real, 0);
        } else if (value instanceof Double real) {
            write(real, 0);
        } else {
            writer.write((Binary) value, 0, full);
        }
    }

    private void move(RowGroupPart part, Origin.Stored stored, ChunkPages source) {
        StoredLeaf leaf = stored.leaf();
        ParsedVersion by = part.file().writer();
        ColumnReader reader = new ColumnReaderImpl(
                leaf.column(), new ChunkReader(source, codecs), new PrimitiveConverter() {}, by == null ? NOBODY : by);
        int present = leaf.column().getMaxDefinitionLevel();
        Move move = move(leaf, reader);
        long count = reader.getTotalValueCount();
        int row = -1;
        boolean kept = false;
        for (long i = 0; i < count; i++) {
            int repetition = reader.getCurrentRepetitionLevel();
            if (repetition == 0) {
                if (kept) {
                    store.endRecord();
                }
                row++;
                kept = row < part.rows() && part.keeps(row);
            } else if (row < 0) {
                throw source.broken("it begins within a row");
            }
            int definition = reader.getCurrentDefinitionLevel();
            if (!kept) {
                if (definition == present) {
                    reader.skip();
                }
            } else if (definition == present) {
                summary.count(1, 0);
                move.one(repetition);
            } else if (stored.fill() != null) {
                fill(stored.fill(), part.firstRow() + row, leaf.level(definition));
            } else {
                summary.count(1, 1);
                writer.writeNull(repetition, leaf.level(definition));
            }
            reader.consume();
        }
        if (kept) {
            store.endRecord();
        }
        if (row + 1 != part.rows()) {
            throw source.broken((row + 1) + " rows in pages, and " + part.rows() + " in the row group");
        }
    }

    private interface Move {
        void one(int repetition);
    }

    private Move move(StoredLeaf leaf, ColumnReader reader) {
        PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
        return switch (leaf.conversion()) {
            case INT_TO_LONG -> repetition -> writer.write((long) reader.getInteger(), repetition, full);
            case UNSIGNED_TO_LONG ->
                repetition -> writer.write(Integer.toUnsignedLong(reader.getInteger()), repetition, full);
            case INT96_TO_MICROS -> repetition -> writer.write(micros(reader.getBinary()), repetition, full);
            case FLOAT_TO_DOUBLE -> repetition -> write((double) reader.getFloat(), repetition);
            case DECIMAL -> {
                PrimitiveTypeName stored = leaf.column().getPrimitiveType().getPrimitiveTypeName();
                yield repetition -> decimal(unscaled(reader, stored), repetition);
            }
            case NONE ->
                switch (type) {
                    case BOOLEAN -> repetition -> writer.write(reader.getBoolean(), repetition, full);
                    case INT32 -> repetition -> writer.write(reader.getInteger(), repetition, full);
                    case INT64 -> repetition -> writer.write(reader.getLong(), repetition, full);
                    case FLOAT -> repetition -> write(reader.getFloat(), repetition);
                    case DOUBLE -> repetition -> write(reader.getDouble(), repetition);
                    case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 ->
                        repetition -> writer.write(reader.getBinary(), repetition, full);
                };
        };
    }

    private void write(float value, int repetition) {
        if (Float.isNaN(value)) {
            summary.nan();
        } else {
            summary.range(value, value);
        }
        writer.write(value, repetition, full);
    }

    private void write(double value, int repetition) {
        if (Double.isNaN(value)) {
            summary.nan();
        } else {
            summary.range(value, value);
        }
        writer.write(value, repetition, full);
    }

    /** @throws ArithmeticException if it does not fit in a number of microseconds since 1970 */
    private static long micros(Binary int96) {
        ByteBuffer bytes = int96.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        long nanosOfDay = bytes.getLong();
        long day = (long) bytes.getInt() - JULIAN_DAY_OF_1970;
        return Math.addExact(
                Math.multiplyExact(day, TimeUnit.DAYS.toMicros(1)), Math.floorDiv(nanosOfDay, NANOS_PER_MICRO));
    }

    private static BigInteger unscaled(ColumnReader reader, PrimitiveTypeName stored) {
        return switch (stored) {
            case INT32 -> BigInteger.valueOf(reader.getInteger());
            case INT64 -> BigInteger.valueOf(reader.getLong());
            default -> new BigInteger(reader.getBinary().getBytes());
        };
    }

    private void decimal(BigInteger unscaled, int repetition) {
        switch (column.getPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> writer.write(unscaled.intValueExact(), repetition, full);
            case INT64 -> writer.write(unscaled.longValueExact(), repetition, full);
            default -> {
                byte[] bytes = unscaled.toByteArray();
                byte[] fixed = new byte[column.getPrimitiveType().getTypeLength()];
                if (bytes.length > fixed.length) {
                    throw new ArithmeticException("a decimal of " + bytes.length + " bytes");
                }
                java.util.Arrays.fill(fixed, 0, fixed.length - bytes.length, (byte) (unscaled.signum() < 0 ? -1 : 0));
                System.arraycopy(bytes, 0, fixed, fixed.length - bytes.length, bytes.length);
                writer.write(Binary.fromConstantByteArray(fixed), repetition, full);
            }
        }
    }
}
