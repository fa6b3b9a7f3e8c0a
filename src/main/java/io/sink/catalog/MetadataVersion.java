package io.sink.catalog;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableMetadataParser.Codec;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.RuntimeIOException;

/**
 * A metadata file of a table without a catalog, as Hadoop tables name them: {@code v3.metadata.json},
 * {@code v3.gz.metadata.json}, or the older {@code v3.metadata.json.gz}.
 *
 * @param number the version, from 0
 * @param fileName the file's name within the metadata directory
 */
record MetadataVersion(long number, String fileName) {

    private static final Pattern NAME =
            Pattern.compile("v(0|[1-9][0-9]{0,17})(?:\\.metadata\\.json(?:\\.gz)?|\\.gz\\.metadata\\.json)");

    /** The version that a file name stands for, or empty for any other file. */
    static Optional<MetadataVersion> of(String fileName) {
        Matcher matcher = NAME.matcher(fileName);
        return matcher.matches()
                ? Optional.of(new MetadataVersion(Long.parseLong(matcher.group(1)), fileName))
                : Optional.empty();
    }

    /** The version after this one, with the file extension of the codec that the metadata asks for. */
    MetadataVersion next(TableMetadata metadata) {
        String codec =
                metadata.property(TableProperties.METADATA_COMPRESSION, TableProperties.METADATA_COMPRESSION_DEFAULT);
        return new MetadataVersion(number + 1, "v" + (number + 1) + TableMetadataParser.getFileExtension(codec));
    }

    /** The version after this one under a name of the same form. */
    MetadataVersion following() {
        String form = fileName.substring(fileName.indexOf('.'));
        return new MetadataVersion(number + 1, "v" + (number + 1) + form);
    }

    /** The bytes of this file for the metadata: JSON in UTF-8, compressed with gzip if the name says so. */
    byte[] encode(TableMetadata metadata) {
        byte[] json = TableMetadataParser.toJson(metadata).getBytes(StandardCharsets.UTF_8);
        if (Codec.fromFileName(fileName) != Codec.GZIP) {
            return json;
        }
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(json);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot compress %s", fileName);
        }
        return compressed.toByteArray();
    }

    /**
     * The JSON in this file's content.
     *
     * @throws RuntimeIOException if the name says gzip and the content is none
     */
    String decode(byte[] content) {
        if (Codec.fromFileName(fileName) != Codec.GZIP) {
            return new String(content, StandardCharsets.UTF_8);
        }
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot decompress %s", fileName);
        }
    }
}
