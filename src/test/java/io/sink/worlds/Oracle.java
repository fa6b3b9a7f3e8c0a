package io.sink.worlds;

import io.sink.worlds.Program.Acted;
import io.sink.worlds.Program.Ran;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Says of each run over a world what it did that it must not, and what it left undone without a reason that holds.
 *
 * <p>It knows the world as its author does: what every entry needs, also where the run could not read it, and who may
 * delete what by the rules that the documentation gives. It shares no code with the program.
 */
final class Oracle {
    private static final Pattern NAMED = Pattern.compile("\"(?:path|file)\":\"((?:[^\"\\\\]|\\\\.)*)\"");
    /** How the names of files end that writers of tables make. */
    private static final List<String> MADE_BY_WRITERS = List.of(".parquet", ".avro", ".puffin", ".stats");

    private static final Pattern FOUND_BY_NAME =
            Pattern.compile("(v[0-9]+[^/]*\\.metadata\\.json(\\.gz)?|version-hint\\.text)");
    private static final Set<String> EXPLAINED = Set.of("gc-disabled", "no-current-snapshot");

    private final World world;
    private final Tally tally;
    /** Files that stayed for what was unknown, perhaps among other reasons. */
    private final Set<Path> waiting = new HashSet<>();

    private final boolean strict;
    private final Seen.Reader reader;
    private final List<String> violations = new ArrayList<>();
    /** Snapshots that went through another entry which had the same metadata file. */
    private final Map<Entry, Set<Long>> excused = new HashMap<>();
    /** Files that a documented limit of the program took. */
    private final Set<Path> forgone = new HashSet<>();
    /** Files that stay only because something could not be read. */
    private final Map<Entry, Set<Path>> pending = new HashMap<>();

    /** @param strict whether what falls under a documented limit is a violation too */
    Oracle(World world, Tally tally, boolean strict) {
        this.world = world;
        this.tally = tally;
        this.strict = strict;
        this.reader = new Seen.Reader(world.ground);
    }

    /** Everything there is at one moment. */
    record Moment(Map<Entry, Seen> seen, SortedMap<Path, Long> files, Set<Path> young) {
        Seen of(Entry entry) {
            return Objects.requireNonNull(seen.get(entry), entry::fullName);
        }
    }

    Moment look() {
        Map<Entry, Seen> seen = new LinkedHashMap<>();
        for (Entry entry : world.entries) {
            try {
                seen.put(entry, reader.read(world.pointer(entry)));
            } catch (RuntimeException e) {
                violate("%s cannot be read any more: %s", entry, e);
            }
        }
        SortedMap<Path, Long> files = world.ground.files();
        Set<Path> young = files.keySet().stream().filter(Ground::isYoung).collect(Collectors.toSet());
        return new Moment(seen, files, young);
    }

    List<String> violations() {
        return violations;
    }

    private void violate(String what, Object... values) {
        violations.add(String.format(Locale.ROOT, what, values));
    }

    /** The rows of the snapshots that ought to survive, of every entry. */
    Map<Entry, Map<Long, List<String>>> rows(Moment moment) {
        Map<Entry, Map<Long, List<String>>> rows = new LinkedHashMap<>();
        moment.seen().forEach((entry, seen) -> {
            Map<Long, List<String>> of = new HashMap<>();
            Set<Long> going = seen.expiring(world.retainLast);
            seen.snapshots().stream()
                    .filter(id -> !going.contains(id) || hasTwin(entry, moment))
                    .forEach(id -> of.put(id, seen.rows(id)));
            rows.put(entry, of);
        });
        return rows;
    }

    /** Holds the rows of every snapshot that survived against what they were. */
    void judgeRows(Map<Entry, Map<Long, List<String>>> before, Moment now) {
        now.seen()
                .forEach((entry, seen) -> seen.snapshots().forEach(id -> {
                    List<String> then = before.getOrDefault(entry, Map.of()).get(id);
                    boolean lost = then == null
                            || excused(entry).contains(id)
                            || seen.files().getOrDefault(id, Set.of()).stream().anyMatch(forgone::contains);
                    if (lost) {
                        return;
                    }
                    try {
                        List<String> rows = seen.rows(id);
                        tally.count("checked: snapshots' rows");
                        if (!rows.equals(then)) {
                            violate("%s: rows of snapshot %d changed", entry, id);
                        }
                    } catch (RuntimeException e) {
                        violate("%s: rows of snapshot %d cannot be read: %s", entry, id, e);
                    }
                }));
    }

    /** Holds a dry run against what there was: every byte must be the same. */
    void judgeRehearsal(Step step, Moment before, Moment after) {
        if (!before.files().equals(after.files())) {
            violate("%s changed files: %s", step, difference(before, after));
        }
        before.seen().forEach((entry, seen) -> {
            Seen now = after.of(entry);
            if (now == null || !now.metadataFile().equals(seen.metadataFile())) {
                violate("%s moved %s to another metadata file", step, entry);
            }
        });
    }

    private static Set<Path> difference(Moment before, Moment after) {
        Set<Path> different = new TreeSet<>();
        before.files().forEach((file, checksum) -> {
            if (!checksum.equals(after.files().get(file))) {
                different.add(file);
            }
        });
        after.files().keySet().stream()
                .filter(file -> !before.files().containsKey(file))
                .forEach(different::add);
        return different;
    }

    private Set<Long> excused(Entry entry) {
        return excused.getOrDefault(entry, Set.of());
    }

    private Set<Path> needs(Entry entry, Seen seen) {
        Set<Path> needs = seen.needs(excused(entry));
        needs.removeAll(forgone);
        return needs;
    }

    private Map<Entry, Set<Path>> needs(Moment moment) {
        Map<Entry, Set<Path>> needs = new LinkedHashMap<>();
        moment.seen().forEach((entry, seen) -> needs.put(entry, needs(entry, seen)));
        return needs;
    }

    /** Whether the run may have changed the table: it was selected, and could be read. */
    private boolean acts(Step step, Entry entry, Moment before) {
        return step.selects(entry)
                && before.seen().containsKey(entry)
                && before.of(entry).collects()
                && (reads(step, entry) || entry.cat().breakage == Cat.Breakage.BROKEN_PAGE);
    }

    /** Whether the run could read the table: one that is named in full needs no listing. */
    private boolean reads(Step step, Entry entry) {
        return world.isReadable(entry)
                || (entry.cat().breakage.answers()
                        && step.selection().equals(entry.fullName())
                        && !world.unreadable.containsKey(entry));
    }

    /** Whether the run must have done its work on the table: nothing of it was lost before. */
    private boolean mustAct(Step step, Entry entry, Moment before) {
        return acts(step, entry, before)
                && reads(step, entry)
                && before.of(entry).needs(Set.of()).stream().noneMatch(forgone::contains);
    }

    /** Holds a run against what there was, what there is, and what it said. */
    void judge(Step step, Ran ran, Moment before, Moment after, Set<Path> planned) {
        Map<Entry, Set<Long>> gone = expired(step, ran, before, after);
        Judgement judgement = new Judgement(step, ran, before, after);
        judgement.nothingNeededIsGone();
        judgement.nothingElseChanged();
        if (step.sweeps()) {
            judgement.sweep();
        } else {
            judgement.expiry(gone);
        }
        judgement.saysWhatItDid();
        judgement.exitCode();
        Set<Path> needed = new HashSet<>();
        needs(after).values().forEach(needed::addAll);
        for (Path file : planned) {
            // An entry at the same metadata file may be the same one, or may stay behind: a dry run cannot know.
            if (after.files().containsKey(file) && !needed.contains(file)) {
                violate("%s: the dry run before said that %s goes, and it stays", step, name(file));
            }
        }
    }

    private String name(Path file) {
        return world.ground.directory().relativize(file).toString();
    }

    private static boolean isSameFile(Moment moment, Entry one, Entry other) {
        Seen first = moment.seen().get(one);
        Seen second = moment.seen().get(other);
        return !one.equals(other)
                && first != null
                && second != null
                && first.metadataFile().equals(second.metadataFile());
    }

    /** The snapshots that each entry lost, after looking whether those are the ones that were due. */
    private Map<Entry, Set<Long>> expired(Step step, Ran ran, Moment before, Moment after) {
        Map<Entry, Set<Long>> all = new LinkedHashMap<>();
        after.seen().forEach((entry, now) -> {
            Seen then = before.of(entry);
            if (then == null) {
                return;
            }
            if (!now.metadata().refs().equals(then.metadata().refs())) {
                violate(
                        "%s: refs of %s were %s and are %s",
                        step, entry, then.metadata().refs(), now.metadata().refs());
            }
            Set<Long> gone = new TreeSet<>(then.snapshots());
            gone.removeAll(now.snapshots());
            Set<Long> due = then.expiring(world.retainLast);
            boolean through = world.entries.stream()
                    .anyMatch(other ->
                            (other.equals(entry) || isSameFile(before, entry, other)) && acts(step, other, before));
            if (!gone.isEmpty() && (step.sweeps() || !through || !gone.equals(due))) {
                violate("%s: %s lost snapshots %s, due were %s", step, entry, gone, due);
            }
            if (!gone.isEmpty()) {
                all.put(entry, gone);
                tally.count("expired: tables");
            } else if (!step.sweeps() && !due.isEmpty() && mustAct(step, entry, before)) {
                List<String> reasons = ran.reasons(entry.fullName());
                if (reasons.contains("duplicate-entry") && hasTwin(entry, before)) {
                    tally.count("not expired: duplicate-entry");
                } else if (reasons.stream().noneMatch(EXPLAINED::contains)) {
                    violate("%s: %s should have lost snapshots %s, and was %s", step, entry, due, told(ran, entry));
                }
            }
        });
        return all;
    }

    private static List<String> told(Ran ran, Entry entry) {
        return ran.actions().stream()
                .filter(acted -> acted.table().equals(entry.fullName()))
                .map(acted -> acted.action() + " " + acted.reason() + " (" + acted.detail() + ")")
                .toList();
    }

    private static boolean hasTwin(Entry entry, Moment moment) {
        Seen seen = moment.seen().get(entry);
        return seen != null
                && moment.seen().entrySet().stream()
                        .anyMatch(other -> !other.getKey().equals(entry)
                                && other.getValue().uuid().equals(seen.uuid()));
    }

    /** A file's name as a storage may take it: cut like an URL where that is done, decoded, in one case. */
    private String folded(Path file) {
        String text = file.toString();
        int cut = world.ground.onS3() ? text.replace('?', '#').indexOf('#') : -1;
        text = cut < 0 ? text : text.substring(0, cut);
        try {
            text = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            // stays as it is
        }
        return text.replaceAll("/+", "/").toLowerCase(Locale.ROOT);
    }

    private Map<String, Set<Path>> folded(Collection<Path> files) {
        return files.stream().collect(Collectors.groupingBy(this::folded, Collectors.toSet()));
    }

    private boolean isLike(Path file, Map<String, Set<Path>> folded) {
        return folded.getOrDefault(folded(file), Set.of()).stream().anyMatch(other -> !other.equals(file));
    }

    private static boolean isJournal(Path file) {
        return String.valueOf(file.getFileName()).startsWith("sink-");
    }

    /** One run. */
    private final class Judgement {
        private final Step step;
        private final Ran ran;
        private final Moment before;
        private final Moment after;
        private final Map<Entry, Set<Path>> needed;
        private final Map<Entry, Set<Path>> neededBefore;
        private final Map<String, Set<Path>> foldedNeeded;
        private final Set<Path> deleted = new TreeSet<>();

        Judgement(Step step, Ran ran, Moment before, Moment after) {
            this.step = step;
            this.ran = ran;
            this.before = before;
            this.after = after;
            this.needed = needs(after);
            this.neededBefore = needs(before);
            Set<Path> all = new HashSet<>();
            needed.values().forEach(all::addAll);
            neededBefore.values().forEach(all::addAll);
            this.foldedNeeded = folded(all);
            deleted.addAll(before.files().keySet());
            deleted.removeAll(after.files().keySet());
            deleted.removeIf(Oracle::isJournal);
        }

        void nothingNeededIsGone() {
            needed.forEach((entry, files) -> {
                for (Path file : files) {
                    if (after.files().containsKey(file)) {
                        continue;
                    }
                    String limit = limit(entry, file);
                    if (limit.isEmpty() || strict) {
                        String zone = world.entries.stream()
                                .filter(other -> acts(step, other, before)
                                        && before.of(other).holds(file))
                                .map(Entry::fullName)
                                .toList()
                                .toString();
                        tally.count("lost: " + (step.sweeps() ? "sweep" : "expiry") + ", " + kind(entry, file));
                        violate(
                                "%s: %s needs %s, and it is gone; in the places of %s%s",
                                step, entry, name(file), zone, limit.isEmpty() ? "" : " (limit: " + limit + ")");
                    } else {
                        tally.count("limit: " + limit);
                    }
                    forgone.add(file);
                }
            });
        }

        /** What kind of loss it is, for the summary. */
        private String kind(Entry entry, Path file) {
            if (hasTwin(entry, before)) {
                return "of a table with a second entry";
            }
            if (!world.isReadable(entry)) {
                return "of a table that cannot be read";
            }
            return before.of(entry).holds(file) ? "in a place of its own" : "of another's place";
        }

        /** The documented limit that a loss falls under, or an empty string. */
        private String limit(Entry owner, Path file) {
            Seen theirs = before.of(owner);
            for (Entry entry : world.entries) {
                if (entry.equals(owner) || !acts(step, entry, before)) {
                    continue;
                }
                Seen mine = before.of(entry);
                boolean twin = mine.uuid().equals(theirs.uuid());
                if (!twin && !step.sweeps() && mine.holds(file) && !theirs.hasBeenAt(file)) {
                    return "borrowed from a place of another table, without a place there";
                }
                if (!file.startsWith(mine.home())) {
                    continue;
                }
                if (!step.sweeps() && step.isNarrow() && !step.selects(owner)) {
                    return twin ? "second entry outside a narrowed run" : "neighbour outside a narrowed run";
                }
                if (!world.isReadable(owner)) {
                    return "unreadable table inside the location of another";
                }
            }
            return "";
        }

        void nothingElseChanged() {
            for (Path file : difference(before, after)) {
                boolean isNew = !before.files().containsKey(file);
                boolean isGone = !after.files().containsKey(file);
                String name = String.valueOf(file.getFileName());
                if (!isNew && !isGone && !isJournal(file)) {
                    violate("%s changed the content of %s", step, name(file));
                }
                if (isNew
                        && !isJournal(file)
                        && !(name.endsWith(".metadata.json") || name.equals("version-hint.text"))) {
                    violate("%s left a new file %s", step, name(file));
                }
            }
        }

        private boolean isNeeded(Path file) {
            return needed.values().stream().anyMatch(files -> files.contains(file));
        }

        private boolean isNeededByOther(Entry entry, Path file) {
            return neededBefore.entrySet().stream()
                            .anyMatch(other -> !other.getKey().equals(entry)
                                    && !isSameFile(before, entry, other.getKey())
                                    && other.getValue().contains(file))
                    || needed.entrySet().stream()
                            .anyMatch(other -> !other.getKey().equals(entry)
                                    && other.getValue().contains(file));
        }

        private boolean isInPlaceOfOther(Entry entry, Path file, boolean readable) {
            String uuid = before.of(entry).uuid();
            boolean isBorrowed = !readable
                    && before.seen().entrySet().stream()
                            .anyMatch(other -> !other.getKey().equals(entry)
                                    && other.getValue().uuid().equals(uuid)
                                    && other.getValue().names(before.of(entry)));
            return isBorrowed
                    || before.seen().entrySet().stream()
                            .anyMatch(other -> !other.getKey().equals(entry)
                                    && (!readable || world.isReadable(other.getKey()))
                                    && (!readable || !other.getValue().uuid().equals(uuid))
                                    && other.getValue().hasBeenAt(file));
        }

        /** Whether it lies in a place that is another table's but for its spelling. */
        private boolean isInPlaceAlike(Entry entry, Path file) {
            return before.seen().entrySet().stream()
                    .filter(other -> !other.getKey().equals(entry))
                    .flatMap(other -> other.getValue().placesEver())
                    .anyMatch(place -> folded(file).startsWith(folded(place) + "/"));
        }

        private boolean isExclusive(Path file) {
            return world.exclusive != null && file.startsWith(world.ground.locate(world.exclusive));
        }

        void expiry(Map<Entry, Set<Long>> gone) {
            Set<Path> mayGo = new HashSet<>();
            for (Entry entry : world.entries) {
                if (!acts(step, entry, before) || !after.seen().containsKey(entry)) {
                    continue;
                }
                Seen then = before.of(entry);
                Set<Path> candidates = new TreeSet<>();
                gone.getOrDefault(entry, Set.of())
                        .forEach(id -> candidates.addAll(then.files().getOrDefault(id, Set.of())));
                boolean isNew = !candidates.isEmpty();
                if (isNew) {
                    // statistics of snapshots that went
                    candidates.addAll(then.rest());
                }
                boolean skipped = ran.reasons(entry.fullName()).contains("duplicate-entry");
                Set<Path> promised = pending.computeIfAbsent(entry, any -> new HashSet<>());
                if (!skipped) {
                    candidates.addAll(promised);
                }
                candidates.removeAll(needed.getOrDefault(entry, Set.of()));
                candidates.retainAll(before.files().keySet());
                Set<Path> listed = left(entry);
                for (Path file : candidates) {
                    if (then.dropsByCommit(file)) {
                        droppedByCommit(entry, then, file, mayGo);
                        continue;
                    }
                    if (after.files().containsKey(file)) {
                        List<String> why = whyStays(entry, then, file);
                        why.forEach(reason -> tally.count("stayed after an expiry: " + reason));
                        if (why.isEmpty() && (isNew || mustAct(step, entry, before))) {
                            violate(
                                    "%s: %s stays; only expired snapshots of %s named it; %s; %s",
                                    step,
                                    name(file),
                                    entry,
                                    told(ran, entry),
                                    ran.actions().stream()
                                            .flatMap(acted -> acted.left().stream())
                                            .filter(line -> line.contains(String.valueOf(file.getFileName())))
                                            .toList());
                        } else if (!why.isEmpty()
                                && isNew
                                && !skipped
                                && !listed.contains(file)
                                && !isListedByTwin(entry, file)) {
                            violate(
                                    "%s: %s stays (%s) and is not among the left files of %s: %s",
                                    step, name(file), why, entry, told(ran, entry));
                        }
                        if (why.contains("something is unknown")) {
                            // Who else needs it was perhaps what could not be read.
                            waiting.add(file);
                        }
                        if (why.equals(List.of("something is unknown"))) {
                            promised.add(file);
                        } else {
                            promised.remove(file);
                        }
                        continue;
                    }
                    promised.remove(file);
                    tally.count("went: by expiry");
                    if (mayGo(entry, then, file)) {
                        mayGo.add(file);
                    }
                }
            }
            for (Path file : deleted) {
                boolean waited = !world.hasUnknown() && waiting.contains(file);
                if (!mayGo.contains(file) && !waited && !isNeeded(file) && !forgone.contains(file)) {
                    violate("%s deleted %s, which no expiry may", step, name(file));
                }
            }
        }

        /**
         * A metadata file that left the log: the commit takes it away, and lists nothing, unless the run knew of
         * another entry.
         */
        private void droppedByCommit(Entry entry, Seen then, Path file, Set<Path> mayGo) {
            boolean known = before.seen().entrySet().stream()
                    .anyMatch(other -> !other.getKey().equals(entry)
                            && other.getValue().uuid().equals(then.uuid())
                            && !step.isNarrow()
                            && world.isReadable(other.getKey()));
            if (!after.files().containsKey(file)) {
                tally.count("went: by commit");
                mayGo.add(file);
                // A server deletes what it likes.
                if (known && entry.cat().kind != Cat.Kind.REST) {
                    violate("%s: a commit took %s, and %s has another entry", step, name(file), entry);
                }
            } else if (!hasTwin(entry, before) && whyStays(entry, then, file).isEmpty()) {
                violate("%s: %s stays, which left the log of %s", step, name(file), entry);
            }
        }

        private boolean isListedByTwin(Entry entry, Path file) {
            return world.entries.stream()
                    .anyMatch(other ->
                            isSameFile(before, entry, other) && left(other).contains(file));
        }

        private Set<Path> left(Entry entry) {
            Set<Path> left = new HashSet<>();
            for (Acted acted : ran.actions()) {
                if (!acted.table().equals(entry.fullName())) {
                    continue;
                }
                for (String line : acted.left()) {
                    for (int at = line.indexOf(" ("); at >= 0; at = line.indexOf(" (", at + 1)) {
                        left.add(world.ground.locate(line.substring(0, at)));
                    }
                }
            }
            return left;
        }

        private List<String> whyStays(Entry entry, Seen then, Path file) {
            List<String> why = new ArrayList<>();
            if (isNeededByOther(entry, file)) {
                why.add("another table needs it");
            }
            if (!then.holds(file) && !isExclusive(file)) {
                why.add("outside the table's places");
            }
            if (world.ground.isCut(file)) {
                why.add("not the exact name");
            }
            if (isLike(file, foldedNeeded)) {
                why.add("named like a live file");
            }
            boolean shared = !file.startsWith(then.home())
                    || isInPlaceOfOther(entry, file, false)
                    || isInPlaceAlike(entry, file);
            // A table that a documented limit let lose a file cannot be read any more either.
            if ((world.hasUnknown() || !forgone.isEmpty()) && shared) {
                why.add("something is unknown");
            }
            return why;
        }

        private boolean mayGo(Entry entry, Seen then, Path file) {
            boolean own = file.startsWith(then.home());
            boolean shared = !own || (!step.isNarrow() && isInPlaceOfOther(entry, file, true));
            return (then.holds(file) || isExclusive(file))
                    && !world.ground.isCut(file)
                    && (!world.hasUnknown() || !shared);
        }

        void sweep() {
            Set<Path> journaled = journaled();
            Set<Path> mayGo = new HashSet<>();
            for (Entry entry : world.entries) {
                if (!acts(step, entry, before) || !after.seen().containsKey(entry)) {
                    continue;
                }
                Seen then = before.of(entry);
                Map<String, Set<Path>> own = folded(neededBefore.getOrDefault(entry, Set.of()));
                for (Path file : before.files().keySet()) {
                    if (!then.holds(file) || isNeeded(file) || forgone.contains(file) || isJournal(file)) {
                        continue;
                    }
                    List<String> why = whyUnswept(entry, then, file, journaled);
                    if (after.files().containsKey(file)) {
                        why.forEach(reason -> tally.count("stayed after a sweep: " + reason));
                        if (why.isEmpty() && mustAct(step, entry, before)) {
                            violate("%s: orphan %s of %s stays; %s", step, name(file), entry, told(ran, entry));
                        }
                        continue;
                    }
                    tally.count("went: by sweep");
                    boolean forbidden = world.hasUnknown()
                            || isInPlaceOfOther(entry, file, true)
                            || world.ground.isCut(file)
                            || isLike(file, own)
                            || before.young().contains(file)
                            || journaled.contains(file);
                    if (!forbidden) {
                        mayGo.add(file);
                    }
                }
            }
            for (Path file : deleted) {
                if (!mayGo.contains(file) && !isNeeded(file) && !forgone.contains(file)) {
                    violate("%s deleted %s, which no sweep may", step, name(file));
                }
            }
        }

        private List<String> whyUnswept(Entry entry, Seen then, Path file, Set<Path> journaled) {
            List<String> why = new ArrayList<>();
            if (world.hasUnknown()) {
                why.add(world.hasUnknownCatalog() ? "a catalog is unknown" : "a table is unknown");
            }
            // A table that a documented limit let lose a file cannot be read any more, and could need any.
            if (!forgone.isEmpty()) {
                why.add("the needs of a table are unknown");
            }
            if (isInPlaceOfOther(entry, file, false) || isInPlaceAlike(entry, file)) {
                why.add("shared place");
            }
            if (hasTwin(entry, before)
                    && (ran.reasons(entry.fullName()).contains("duplicate-entry")
                            || ran.reasons(entry.fullName()).contains("orphan-guard"))) {
                why.add("second entry");
            }
            if (world.ground.isCut(file)) {
                why.add("not the exact name");
            }
            if (isLike(file, foldedNeeded)) {
                why.add("named like a live file");
            }
            if (journaled.contains(file)) {
                why.add("in a journal");
            }
            if (before.young().contains(file)) {
                why.add("young");
            }
            if (why.isEmpty() && isNamedByUnknown(then, file)) {
                why.add("a metadata file of a table that is not known needs it or its place");
            }
            String name = String.valueOf(file.getFileName());
            if (isHidden(then, file) || FOUND_BY_NAME.matcher(name).matches() || name.contains(".metadata.json")) {
                why.add("hidden, or a table's by its name");
            }
            if (MADE_BY_WRITERS.stream().noneMatch(name.toLowerCase(Locale.ROOT)::endsWith)) {
                why.add("no name of a table's file");
            }
            return why;
        }

        /**
         * Whether a metadata file in the table's places, of another table, needs it or has its place: perhaps somebody
         * has an entry.
         */
        private boolean isNamedByUnknown(Seen then, Path file) {
            return before.files().keySet().stream()
                    .filter(other -> other.toString().endsWith(".metadata.json") && then.holds(other))
                    .anyMatch(other -> {
                        try {
                            Seen seen = reader.read(world.ground.location(other));
                            return !seen.uuid().equals(then.uuid())
                                    && (seen.holds(file) || seen.needs(Set.of()).contains(file));
                        } catch (RuntimeException unreadable) {
                            return false;
                        }
                    });
        }

        private static boolean isHidden(Seen then, Path file) {
            return then.places().stream().filter(file::startsWith).anyMatch(place -> {
                for (Path segment : place.relativize(file)) {
                    if (segment.toString().startsWith("_") || segment.toString().startsWith(".")) {
                        return true;
                    }
                }
                return false;
            });
        }

        /** Files that a run's journal named before this one. */
        private Set<Path> journaled() {
            Set<Path> named = new HashSet<>();
            for (Path file : after.files().keySet()) {
                if (!isJournal(file)) {
                    continue;
                }
                try {
                    Matcher matcher = NAMED.matcher(Files.readString(file));
                    while (matcher.find()) {
                        named.add(world.ground.locate(matcher.group(1).replace("\\\"", "\"")));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return named;
        }

        /** The report and the files must agree. */
        void saysWhatItDid() {
            Set<Path> said = said(ran);
            said.removeIf(Oracle::isJournal);
            for (Path file : said) {
                if (!deleted.contains(file)) {
                    violate("%s said that it deleted %s, and it did not", step, name(file));
                }
            }
            for (Path file : deleted) {
                if (!said.contains(file) && !isTakenByServer(file)) {
                    violate("%s deleted %s and did not say so", step, name(file));
                }
            }
        }

        private boolean isTakenByServer(Path file) {
            return before.seen().entrySet().stream()
                    .anyMatch(entry -> entry.getKey().cat().kind == Cat.Kind.REST
                            && entry.getValue().dropsByCommit(file));
        }

        void exitCode() {
            boolean unread = world.entries.stream().anyMatch(entry -> step.selects(entry) && !reads(step, entry));
            boolean broken = !world.mended
                    && world.cats.stream()
                            .anyMatch(cat -> cat.isBroken()
                                    && (!step.isNarrow() || step.selection().equals(cat.name)));
            boolean none = world.entries.stream().noneMatch(step::selects);
            Set<Integer> allowed = unread || broken ? Set.of(20, 21, 22) : none ? Set.of(12) : Set.of(0);
            // Of a table that is asked for by name, a store says only that it has no such key.
            boolean unfound = step.isNarrow()
                    && ran.exit() == 12
                    && world.ground.onS3()
                    && world.cats.stream()
                            .anyMatch(cat -> cat.kind == Cat.Kind.PATH
                                    && cat.breakage == Cat.Breakage.MISSING
                                    && step.selection().startsWith(cat.name + "."));
            boolean incomplete = (world.hasUnknown() || !forgone.isEmpty()) && ran.exit() >= 20 && ran.exit() <= 22;
            if (!allowed.contains(ran.exit()) && !incomplete && !(unfound && !world.mended)) {
                violate("%s ended with %d, not with one of %s: %s", step, ran.exit(), allowed, ran.stderr());
            }
        }
    }

    /** The files that a run says it deleted, or would delete. */
    Set<Path> said(Ran ran) {
        return ran.actions().stream()
                .flatMap(acted -> acted.deleted().stream())
                .map(world.ground::locate)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
