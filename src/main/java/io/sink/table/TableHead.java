package io.sink.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a metadata file that tell which table it belongs to and how new it is, read without the rest.
 *
 * @param uuid the UUID of the table or view; null if it has none
 * @param location the location of the table or view; null if the file has none
 * @param sequenceNumber the table's last sequence number; 0 in format version 1
 * @param updatedMillis when the table last changed, in milliseconds since 1970
 */
public record TableHead(@Nullable String uuid, @Nullable String location, long sequenceNumber, long updatedMillis) {
    private static final String TABLE_UUID = "table-uuid";
    private static final String VIEW_UUID = "view-uuid";
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern NAME = Pattern.compile(".*\\.metadata\\.json(\\.gz)?");

    /** Whether this field of a metadata file is the UUID of a table or view; files of both may be in one place. */
    public static boolean isUuid(String field) {
        return field.equals(TABLE_UUID) || field.equals(VIEW_UUID);
    }

    /** Whether the location has the name of a metadata file. */
    public static boolean isMetadata(String location) {
        return NAME.matcher(location).matches();
    }

    /**
     * Reads the first fields of a metadata file.
     *
     * @return empty if the file is gone, or not a complete metadata file
     * @throws RuntimeException if it cannot be read
     */
    public static Optional<TableHead> read(FileIO io, String location) {
        try (InputStream in = open(io, location);
                JsonParser json = JSON.createParser(in)) {
            return Optional.of(read(json));
        } catch (NotFoundException | JsonProcessingException | EOFException | ZipException broken) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + location, e);
        }
    }

    private static InputStream open(FileIO io, String location) throws IOException {
        InputStream in = io.newInputFile(location).newStream();
        boolean zipped = location.endsWith(".gz") || location.contains(".gz.metadata.json");
        try {
            return zipped ? new GZIPInputStream(in) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static TableHead read(JsonParser json) throws IOException {
        String uuid = null;
        String location = null;
        long sequenceNumber = 0;
        long updated = 0;
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new EOFException("no metadata");
        }
        int missing = 4;
        while (missing > 0 && json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case TABLE_UUID, VIEW_UUID -> uuid = json.getValueAsString();
                case "location" -> location = json.getValueAsString();
                case "last-sequence-number" -> sequenceNumber = json.getValueAsLong();
                case "last-updated-ms" -> updated = json.getValueAsLong();
                default -> {
                    json.skipChildren();
                    missing++;
                }
            }
            missing--;
        }
        return new TableHead(uuid, location, sequenceNumber, updated);
    }
}
