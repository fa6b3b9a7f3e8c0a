package io.sink.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.catalog.TableRef;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables on which runs on this host were at work when they died, by lack of memory for example, or that they had to
 * give up. A later run leaves them to its end, so that the others have been maintained by then, and after a second
 * death leaves them alone for a while.
 *
 * <p>Each catalog has a file for it beside its lock, with a line for each table. Only the run that has the lock writes
 * the file. If it cannot be read or written, runs go on as if no run had died.
 *
 * @ref LLP 0030#last
 */
public final class UnfinishedTables implements AutoCloseable {
    /** Knows of no table, and remembers none. */
    public static final UnfinishedTables NONE = new UnfinishedTables(Map.of(), InstantSource.system());

    /** So many deaths, and a run leaves the table alone. */
    private static final int ENOUGH = 2;

    private static final Duration LEFT_ALONE = Duration.ofDays(7);
    private static final Duration KEPT = Duration.ofDays(30);
    private static final Duration ONE_DAY = Duration.ofDays(1);

    /** More than thousands of tables take, which are never at work at once. */
    private static final int MOST_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedTables.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Notes> byCatalog;
    private final InstantSource clock;

    private UnfinishedTables(Map<String, Notes> byCatalog, InstantSource clock) {
        this.byCatalog = byCatalog;
        this.clock = clock;
    }

    /**
     * For a run that has the locks of these catalogs.
     *
     * @param files the file of each catalog, by the catalog's name; several may have one
     * @param command what the run does: what one command dies of, another may not even look at
     */
    public static UnfinishedTables of(Map<String, Path> files, String command, InstantSource clock) {
        return of(files, command, clock, true);
    }

    /** For a run that changes nothing, and has no locks: another run may be at work. */
    public static UnfinishedTables asTheyAre(Map<String, Path> files, String command, InstantSource clock) {
        return of(files, command, clock, false);
    }

    private static UnfinishedTables of(Map<String, Path> files, String command, InstantSource clock, boolean writes) {
        Map<Path, Notes> byFile = new HashMap<>();
        Map<String, Notes> byCatalog = new HashMap<>();
        Instant now = clock.instant();
        files.forEach((catalog, file) ->
                byCatalog.put(catalog, byFile.computeIfAbsent(file, each -> new Notes(each, command, writes, now))));
        return new UnfinishedTables(byCatalog, clock);
    }

    /** Whether a run died at it or gave it up, and none has finished it since: its turn is the last. */
    boolean isSuspect(TableRef table) {
        Notes notes = byCatalog.get(table.catalog());
        return notes != null && notes.isSuspect(table.fullName());
    }

    /** Whether the table is left alone and runs died while they read its metadata: nobody is to read it at all. */
    boolean isUnread(TableRef table) {
        Notes notes = byCatalog.get(table.catalog());
        return notes != null && notes.isUnread(table.fullName()) && refusal(table) != null;
    }

    /** Why the table is to be left alone; null if it is not. */
    @Nullable
    String refusal(TableRef table) {
        List<Instant> deaths = deaths(table);
        if (deaths.size() < ENOUGH) {
            return null;
        }
        Instant last = deaths.get(deaths.size() - 1);
        Instant again = last.plus(LEFT_ALONE);
        return clock.instant().isBefore(again)
                ? ("not tried, since %d runs on this host died while they were at work on it, the last one on %s; runs"
                                + " try it again from %s on")
                        .formatted(deaths.size(), last, again)
                : null;
    }

    private List<Instant> deaths(TableRef table) {
        Notes notes = byCatalog.get(table.catalog());
        return notes == null ? List.of() : notes.deaths(table.fullName());
    }

    /** A run begins to read the table. */
    void begin(TableRef table) {
        Notes notes = byCatalog.get(table.catalog());
        if (notes != null) {
            notes.begin(table.fullName(), clock.instant().truncatedTo(ChronoUnit.SECONDS));
        }
    }

    /** The table's metadata has been read. */
    void loaded(TableRef table) {
        Notes notes = byCatalog.get(table.catalog());
        if (notes != null) {
            notes.loaded(table.fullName());
        }
    }

    /**
     * What {@link #begin} began has ended, however it did.
     *
     * @param done whether the table had its turn to the end, so that what was is forgotten
     */
    void end(TableRef table, boolean done) {
        Notes notes = byCatalog.get(table.catalog());
        if (notes != null) {
            notes.end(table.fullName(), done);
        }
    }

    /** The run does not wait for the table any more: the next one does not begin with it, but may try it each time. */
    void gaveUp(TableRef table) {
        Notes notes = byCatalog.get(table.catalog());
        if (notes != null) {
            notes.gaveUp(table.fullName());
        }
    }

    /** The run has come to its end: it died at no table. */
    @Override
    public void close() {
        byCatalog.values().forEach(Notes::close);
    }

    /** What is known of a table. */
    private static final class Note {
        /** When runs died at it, in their order. */
        private final List<Instant> deaths = new ArrayList<>();

        /** Whether one of them died before it had read the metadata. */
        private boolean unread;

        /** Whether the last run that was at it gave it up. */
        private boolean givenUp;

        /** Whether this run gave it up: its thread may end later, and says nothing by that. */
        private boolean abandoned;

        /** How many times this run is at it now: the table has its turn, or another one asks for it. */
        private int atWork;

        private @Nullable Instant begun;
        private boolean loaded;

        boolean isOfNothing() {
            return deaths.isEmpty() && !givenUp;
        }
    }

    /** The file of one catalog. */
    private static final class Notes {
        private final Path file;
        private final String command;
        private final Map<String, Note> tables = new LinkedHashMap<>();
        /** Lines of other commands, which stay as they are. */
        private final List<String> others = new ArrayList<>();

        private @Nullable RandomAccessFile written;

        Notes(Path file, String command, boolean writes, Instant now) {
            this.file = file;
            this.command = command;
            try {
                read(writes, now);
                if (writes) {
                    // Not a channel, which an interrupt of any thread that writes would close for all.
                    written = new RandomAccessFile(file.toFile(), "rw");
                    write();
                }
            } catch (IOException e) {
                lost(e);
            }
        }

        private void read(boolean writes, Instant now) throws IOException {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                return;
            }
            for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n", -1)) {
                try {
                    read(JSON.readTree(line), writes, now);
                } catch (JsonProcessingException | DateTimeException cut) {
                    LOG.debug("{}: not a line about a table: {}", file, line);
                }
            }
        }

        private void read(JsonNode line, boolean writes, Instant now) {
            if (!line.path("table").isTextual()) {
                return;
            }
            if (!line.path("command").asText().equals(command)) {
                others.add(line.toString());
                return;
            }
            Note note = new Note();
            note.unread = line.path("unread").asBoolean();
            line.path("deaths").forEach(death -> note.deaths.add(Instant.parse(death.asText())));
            // Who has the lock knows that no other run is at work any more.
            if (line.has("begun")
                    && (writes || ProcessHandle.of(line.path("pid").asLong(-1)).isEmpty())) {
                note.deaths.add(Instant.parse(line.path("begun").asText()));
                note.unread |= !line.path("loaded").asBoolean();
            }
            // One of the future is that of a clock that was wrong.
            note.deaths.removeIf(death -> death.isBefore(now.minus(KEPT)) || death.isAfter(now.plus(ONE_DAY)));
            note.givenUp = line.path("given-up").asBoolean();
            if (!note.isOfNothing()) {
                tables.put(line.path("table").asText(), note);
            }
        }

        synchronized List<Instant> deaths(String table) {
            Note note = tables.get(table);
            return note == null ? List.of() : List.copyOf(note.deaths);
        }

        synchronized boolean isSuspect(String table) {
            Note note = tables.get(table);
            return note != null && !note.isOfNothing();
        }

        synchronized boolean isUnread(String table) {
            Note note = tables.get(table);
            return note != null && note.unread;
        }

        synchronized void begin(String table, Instant now) {
            Note note = tables.computeIfAbsent(table, any -> new Note());
            if (note.atWork++ == 0) {
                note.begun = now;
                note.loaded = false;
                write();
            }
        }

        synchronized void loaded(String table) {
            Note note = tables.get(table);
            if (note != null) {
                note.loaded = true;
                note.unread = false;
                write();
            }
        }

        synchronized void end(String table, boolean done) {
            Note note = tables.get(table);
            if (note == null) {
                return;
            }
            note.atWork--;
            if (note.abandoned) {
                return;
            }
            if (done) {
                note.deaths.clear();
                note.unread = false;
                note.givenUp = false;
            }
            if (note.atWork <= 0) {
                note.atWork = 0;
                note.begun = null;
                if (note.isOfNothing()) {
                    tables.remove(table);
                }
            }
            write();
        }

        synchronized void gaveUp(String table) {
            Note note = tables.computeIfAbsent(table, any -> new Note());
            note.givenUp = true;
            note.abandoned = true;
            note.begun = null;
            write();
        }

        synchronized void close() {
            tables.values().forEach(note -> note.begun = null);
            tables.values().removeIf(Note::isOfNothing);
            write();
            try {
                if (written != null) {
                    written.close();
                }
            } catch (IOException e) {
                lost(e);
            }
        }

        /** Over what was there, so that at no moment there is nothing; what does not parse is passed over. */
        private void write() {
            if (written == null) {
                return;
            }
            StringBuilder lines = new StringBuilder();
            others.forEach(line -> lines.append(line).append('\n'));
            tables.forEach((table, note) -> lines.append(line(table, note)).append('\n'));
            byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
            try {
                written.seek(0);
                written.write(bytes);
                written.setLength(bytes.length);
            } catch (IOException e) {
                lost(e);
            }
        }

        private String line(String table, Note note) {
            ObjectNode line = JSON.createObjectNode().put("table", table).put("command", command);
            note.deaths.forEach(death -> line.withArrayProperty("deaths").add(death.toString()));
            if (note.unread) {
                line.put("unread", true);
            }
            if (note.givenUp) {
                line.put("given-up", true);
            }
            if (note.begun != null) {
                line.put("begun", note.begun.toString())
                        .put("loaded", note.loaded)
                        .put("pid", ProcessHandle.current().pid());
            }
            return line.toString();
        }

        private void lost(IOException e) {
            written = null;
            LOG.info("{}: on which tables runs died is not known: {}", file, e.getMessage());
        }
    }
}
