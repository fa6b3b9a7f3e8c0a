package io.sink.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.outcome.ExitCode;
import io.sink.outcome.Shard;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The reports of the shards of one run, added up to one. Tables are copied one by one, so that it takes no memory
 * however many there are.
 *
 * @ref LLP 0033#merge
 */
public final class MergedReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Exit codes, the gravest first. */
    private static final List<ExitCode> GRAVITY = List.of(
            ExitCode.COMMIT_UNKNOWN,
            ExitCode.INTERNAL,
            ExitCode.OUT_OF_MEMORY,
            ExitCode.USAGE,
            ExitCode.CONFIGURATION,
            ExitCode.NO_STATE,
            ExitCode.LOCKED,
            ExitCode.SIGTERM,
            ExitCode.SIGINT,
            ExitCode.CATALOG_UNREACHABLE,
            ExitCode.ALL_FAILED,
            ExitCode.SOME_FAILED,
            ExitCode.REPORT_NOT_WRITTEN,
            ExitCode.NO_TABLES,
            ExitCode.OK);

    private final TreeMap<Integer, Part> parts = new TreeMap<>();
    private final List<String> unread = new ArrayList<>();
    private int count;

    /** A report, and what it says beside its tables. */
    private record Part(Path file, ObjectNode fields) {
        String text(String field) {
            return fields.path(field).asText();
        }

        int exit() {
            return fields.path("exit_code").asInt();
        }
    }

    /** The reports do not belong together. */
    public static final class ApartException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ApartException(String message) {
            super(message);
        }
    }

    private MergedReport() {}

    /**
     * Reads what each report says beside its tables. A file that cannot be read to its end, since its run died for
     * example, is told in the warnings, and its shard is missing.
     *
     * @throws ApartException if the reports are not of shards of one run, naming two files and what is different, or if
     *     none can be read
     */
    public static MergedReport of(List<Path> files) {
        MergedReport merged = new MergedReport();
        files.stream().distinct().forEach(merged::add);
        if (merged.parts.isEmpty()) {
            throw new ApartException("there is no report to merge: " + String.join("; ", merged.unread));
        }
        return merged;
    }

    private void add(Path file) {
        ObjectNode fields;
        try {
            fields = fields(file);
        } catch (IOException e) {
            unread.add(
                    e instanceof FileNotFoundException
                            ? file + " is not there"
                            : file + " is no whole report in JSON: " + message(e));
            return;
        }
        if (!fields.path("shard").isTextual()) {
            throw new ApartException(file + " is the report of a run without --shard; there is nothing to add to it");
        }
        Shard shard = shard(file, fields.path("shard").asText());
        Part part = new Part(file, fields);
        if (!parts.isEmpty()) {
            Part first = parts.firstEntry().getValue();
            same(
                    first,
                    part,
                    "of how many shards",
                    each -> shard(each.file(), each.text("shard")).count());
            same(first, part, "the command", each -> each.text("command"));
            same(first, part, "whether it was a dry run", each -> each.text("dry_run"));
            same(first, part, "the version of the schema", each -> each.text("schema_version"));
        }
        count = shard.count();
        Part other = parts.putIfAbsent(shard.number(), part);
        if (other != null) {
            throw new ApartException(other.file() + " and " + file + " are both of shard " + shard);
        }
    }

    private static Shard shard(Path file, String text) {
        try {
            return Shard.of(text);
        } catch (IllegalArgumentException e) {
            throw new ApartException(file + ": \"" + text + "\" " + e.getMessage());
        }
    }

    private static void same(Part one, Part other, String what, Function<Part, Object> field) {
        if (!Objects.equals(field.apply(one), field.apply(other))) {
            throw new ApartException("%s and %s are not of one run: they differ in %s, %s and %s"
                    .formatted(one.file(), other.file(), what, field.apply(one), field.apply(other)));
        }
    }

    private static String message(IOException e) {
        return e.getClass().getSimpleName() + ": "
                + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** Everything but the tables, after the document was read to its end. */
    private static ObjectNode fields(Path file) throws IOException {
        ObjectNode fields = JSON.createObjectNode();
        try (JsonParser parser = JSON.getFactory().createParser(file.toFile())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("it does not begin with an object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("tables")) {
                    parser.skipChildren();
                } else {
                    fields.set(name, JSON.<JsonNode>readTree(parser));
                }
            }
            if (parser.currentToken() != JsonToken.END_OBJECT || !fields.has("exit_code")) {
                throw new IOException("it ends before its end");
            }
        }
        return fields;
    }

    /** The shards of which there is no report, in order. */
    public List<String> missing() {
        return IntStream.rangeClosed(1, count)
                .filter(number -> !parts.containsKey(number))
                .mapToObj(number -> number + "/" + count)
                .toList();
    }

    /**
     * What the whole run ended with: the gravest of its shards' codes, and a failure if a shard is missing. That all
     * failed, or that no catalog could be reached, one shard says of itself; it is true only if every shard with tables
     * says so. So it is with there being no table.
     */
    public int exitCode() {
        Set<Integer> codes = new LinkedHashSet<>();
        parts.values().forEach(part -> codes.add(part.exit()));
        if (!missing().isEmpty()) {
            codes.add(ExitCode.SOME_FAILED.code());
        }
        int gravest =
                codes.stream().min(Comparator.comparingInt(MergedReport::rank)).orElse(ExitCode.OK.code());
        boolean others = parts.values().stream()
                .anyMatch(part -> part.exit() != gravest
                        && part.fields().path("totals").path("tables").asLong() > 0);
        if (gravest == ExitCode.NO_TABLES.code() && others) {
            return ExitCode.OK.code();
        }
        boolean ofAll = gravest == ExitCode.ALL_FAILED.code() || gravest == ExitCode.CATALOG_UNREACHABLE.code();
        return ofAll && (others || !missing().isEmpty()) ? ExitCode.SOME_FAILED.code() : gravest;
    }

    /** A code that this version does not know counts as gravest. */
    private static int rank(int code) {
        for (int at = 0; at < GRAVITY.size(); at++) {
            if (GRAVITY.get(at).code() == code) {
                return at;
            }
        }
        return -1;
    }

    /**
     * Writes the document: the fields of a run's report, with all tables in the order of the shards, and what is said
     * of each shard. A catalog that could not be read, which every shard says, stands there once for each reason.
     *
     * @param out flushed, never closed
     * @return how many tables there are
     * @throws IOException if a report cannot be read again, or this one not be written
     */
    public long write(Writer out) throws IOException {
        Part first = parts.firstEntry().getValue();
        JsonGenerator json =
                VisibleJson.FACTORY.createGenerator(out).setCodec(JSON).useDefaultPrettyPrinter();
        json.writeStartObject();
        for (String field : List.of("schema_version", "run_id", "version", "command", "dry_run")) {
            json.writeFieldName(field);
            json.writeTree(first.fields().path(field));
        }
        json.writeStringField("started_at", extreme("started_at", Comparator.naturalOrder()));
        json.writeNullField("shard");
        json.writeStringField("traceparent", common("traceparent"));
        json.writeArrayFieldStart("tables");
        ObjectNode totals = JSON.createObjectNode();
        parts.values().forEach(part -> add(totals, part.fields().path("totals")));
        Set<List<String>> catalogs = new HashSet<>();
        for (Part part : parts.values()) {
            copy(part, json, catalogs, totals);
        }
        json.writeEndArray();
        json.writeStringField("ended_at", extreme("ended_at", Comparator.reverseOrder()));
        json.writeNumberField("exit_code", exitCode());
        json.writeStringField("interrupted_by", any("interrupted_by"));
        json.writeArrayFieldStart("warnings");
        for (String warning : warnings()) {
            json.writeString(warning);
        }
        json.writeEndArray();
        json.writeFieldName("totals");
        json.writeTree(totals);
        shards(json);
        json.writeEndObject();
        json.flush();
        out.write(System.lineSeparator());
        out.flush();
        return totals.path("tables").asLong();
    }

    private void shards(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("shards");
        for (Part part : parts.values()) {
            json.writeStartObject();
            for (String field : List.of("shard", "run_id", "version", "started_at", "ended_at", "exit_code")) {
                json.writeFieldName(field);
                json.writeTree(part.fields().path(field));
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("missing_shards");
        for (String shard : missing()) {
            json.writeString(shard);
        }
        json.writeEndArray();
    }

    /** Sentences for a person: those of the reports, each once, and what is missing. */
    public List<String> warnings() {
        Set<String> warnings = new LinkedHashSet<>();
        parts.values()
                .forEach(part -> part.fields().path("warnings").forEach(warning -> warnings.add(warning.asText())));
        warnings.addAll(unread);
        missing().forEach(shard -> warnings.add("there is no report of shard " + shard));
        return List.copyOf(warnings);
    }

    private static void copy(Part part, JsonGenerator json, Set<List<String>> catalogs, ObjectNode totals)
            throws IOException {
        try (JsonParser parser = JSON.getFactory().createParser(part.file().toFile())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean tables = parser.currentName().equals("tables");
                parser.nextToken();
                if (!tables) {
                    parser.skipChildren();
                    continue;
                }
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    JsonNode table = JSON.readTree(parser);
                    boolean catalog = table.path("table").equals(table.path("catalog"));
                    if (catalog && !catalogs.add(ends(table))) {
                        count(totals, "tables", -1);
                        count(totals, table.path("outcome").asText(), -1);
                    } else {
                        json.writeTree(table);
                    }
                }
            }
        }
    }

    /** Of a catalog that could not be read: its name and the reasons, without words that differ from run to run. */
    private static List<String> ends(JsonNode catalog) {
        List<String> ends = new ArrayList<>(List.of(catalog.path("table").asText()));
        catalog.path("actions").forEach(action -> ends.add(action.path("reason").asText()));
        return ends;
    }

    /** Adds numbers to numbers, however deep. */
    private static void add(ObjectNode sum, JsonNode more) {
        for (Map.Entry<String, JsonNode> field : more.properties()) {
            if (field.getValue().isObject()) {
                add(sum.withObjectProperty(field.getKey()), field.getValue());
            } else {
                count(sum, field.getKey(), field.getValue().asLong());
            }
        }
    }

    private static void count(ObjectNode sum, String field, long more) {
        sum.put(field, sum.path(field).asLong() + more);
    }

    private String extreme(String field, Comparator<Instant> order) {
        return parts.values().stream()
                .map(part -> Instant.parse(part.text(field)))
                .min(order)
                .orElseThrow()
                .toString();
    }

    /** What all reports say, or null. */
    private @Nullable String common(String field) {
        Set<JsonNode> said = new HashSet<>();
        parts.values().forEach(part -> said.add(part.fields().path(field)));
        JsonNode one = said.iterator().next();
        return said.size() == 1 && one.isTextual() ? one.asText() : null;
    }

    /** What the first report says that says anything, or null. */
    private @Nullable String any(String field) {
        return parts.values().stream()
                .map(part -> part.fields().path(field))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .findFirst()
                .orElse(null);
    }

    /** How many shards there are reports of, of how many. */
    public String found() {
        return parts.size() + " of " + count + " shards";
    }
}
