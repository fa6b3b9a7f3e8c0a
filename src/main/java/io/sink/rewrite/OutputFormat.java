package io.sink.rewrite;

import io.sink.outcome.Reason;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/** The format of the files to write, which is the table's {@code write.format.default}. */
final class OutputFormat {
    private static final Set<String> FORMATS = Set.of("parquet", "avro", "orc");
    private static final Set<String> AVRO_CODECS = Set.of("uncompressed", "snappy", "gzip", "zstd");
    private static final Set<String> ORC_CODECS = Set.of("none", "zlib", "snappy", "lzo", "lz4", "zstd");

    private OutputFormat() {}

    /** The format of a table that {@link #refuse} does not refuse. */
    static FileFormat of(Table table) {
        return FileFormat.fromString(name(table));
    }

    private static String name(Table table) {
        return table.properties()
                .getOrDefault(TableProperties.DEFAULT_FILE_FORMAT, TableProperties.DEFAULT_FILE_FORMAT_DEFAULT)
                .toLowerCase(Locale.ROOT);
    }

    /** The reason why no file can be written for this table, if there is one. */
    static Optional<Refusal> refuse(Table table) {
        String name = name(table);
        if (!FORMATS.contains(name)) {
            return Support.refuse(
                    Reason.UNSUPPORTED_FEATURE,
                    "table property %s is %s; parquet, avro and orc are supported"
                            .formatted(TableProperties.DEFAULT_FILE_FORMAT, name));
        }
        FileFormat format = FileFormat.fromString(name);
        return switch (format) {
            case AVRO -> refuseCodec(table, TableProperties.AVRO_COMPRESSION, AVRO_CODECS);
            case ORC ->
                refuseCodec(table, TableProperties.ORC_COMPRESSION, ORC_CODECS).or(() -> refuseTypes(table));
            default -> {
                String codec = table.properties().get(TableProperties.PARQUET_COMPRESSION);
                yield codec == null || Support.isWritten(codec)
                        ? Optional.empty()
                        : Support.refuse(
                                Reason.UNSUPPORTED_FEATURE,
                                ("compression codec %s of table property %s cannot be written: set one that can, "
                                                + "such as zstd, or remove the property to keep the codec of the files")
                                        .formatted(
                                                codec.toLowerCase(Locale.ROOT), TableProperties.PARQUET_COMPRESSION));
            }
        };
    }

    private static Optional<Refusal> refuseCodec(Table table, String property, Set<String> known) {
        String codec = table.properties().get(property);
        return codec == null || known.contains(codec.toLowerCase(Locale.ROOT))
                ? Optional.empty()
                : Support.refuse(
                        Reason.UNSUPPORTED_FEATURE,
                        "compression codec %s of table property %s cannot be written: set one of %s"
                                .formatted(codec, property, String.join(", ", new TreeSet<>(known))));
    }

    /** Refuses columns of types that Iceberg does not write in ORC. */
    private static Optional<Refusal> refuseTypes(Table table) {
        return TypeUtil.indexById(table.schema().asStruct()).values().stream()
                .filter(field -> !isInOrc(field.type().typeId()))
                .map(Types.NestedField::fieldId)
                .sorted()
                .findFirst()
                .flatMap(id -> Support.refuse(
                        Reason.UNSUPPORTED_FEATURE,
                        "column %s is of type %s, and table property %s is orc, which cannot hold it"
                                .formatted(
                                        table.schema().findColumnName(id),
                                        table.schema().findType(id),
                                        TableProperties.DEFAULT_FILE_FORMAT)));
    }

    /** Whether Iceberg reads and writes the type in ORC. */
    static boolean isInOrc(Type.TypeID type) {
        return type != Type.TypeID.VARIANT && type != Type.TypeID.GEOMETRY && type != Type.TypeID.GEOGRAPHY;
    }
}
