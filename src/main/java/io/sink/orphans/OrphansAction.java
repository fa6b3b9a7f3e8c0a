package io.sink.orphans;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.Subject;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.storage.Locations;
import io.sink.storage.OtherTables;
import io.sink.storage.Spill;
import io.sink.table.Failures;
import io.sink.table.LocationNormalizer;
import io.sink.table.ReachableFiles;
import io.sink.text.Human;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files in a table's own places that nothing in the table names, and deletes them.
 *
 * @ref LLP 0012#sequence
 */
public final class OrphansAction implements Action<OrphanPolicy> {
    private static final int NEWEST_FORMAT = 3;

    private final OtherTables others;

    /** @param others the tables whose places are not to be swept */
    public OrphansAction(OtherTables others) {
        this.others = others;
    }

    @Override
    public ActionName name() {
        return ActionName.ORPHANS;
    }

    @Override
    public Decision plan(Subject subject, OrphanPolicy policy) {
        TableOperations ops = subject.ops();
        ActionResult refusal = refusal(ops.current(), ops.io());
        if (refusal != null) {
            return new Decision.Stay(refusal);
        }
        Spill orphans = new Spill();
        try (AntiJoin join = new AntiJoin(LocationNormalizer.of(ops.io()))) {
            Decision decision = plan(subject, policy, join, orphans);
            if (decision instanceof Decision.Stay) {
                orphans.close();
            }
            return decision;
        } catch (RuntimeException e) {
            orphans.close();
            return new Decision.Stay(failed(subject, e));
        }
    }

    private static ActionResult failed(Subject subject, RuntimeException e) {
        String detail = "nothing was deleted: " + Failures.message(e);
        if (e instanceof Stopped) {
            return subject.stop().stopped()
                    ? ActionResult.of(Reason.INTERRUPTED, "stopped while looking; nothing was deleted")
                    : ActionResult.of(Reason.DEADLINE_REACHED, "not looked through before the deadline");
        }
        if (e instanceof NeededByOthers.UnknownNeedException) {
            return ActionResult.of(
                    Reason.ORPHAN_GUARD, "nothing is swept while nobody knows what is needed by " + e.getMessage());
        }
        if (e instanceof LocationMismatchException) {
            return ActionResult.of(Reason.LOCATION_MISMATCH, detail);
        }
        return ActionResult.of(
                Failures.reason(
                        e,
                        e instanceof Unlistable || e instanceof Spill.SpillException
                                ? Reason.STORAGE_ERROR
                                : Reason.METADATA_UNREADABLE),
                detail);
    }

    /** A signal or the deadline ended the search. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Unlistable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unlistable(RuntimeException cause) {
            super("the files could not be listed", cause);
        }
    }

    static @Nullable ActionResult refusal(TableMetadata metadata, FileIO io) {
        if (metadata.formatVersion() > NEWEST_FORMAT) {
            return ActionResult.of(
                    Reason.UNSUPPORTED_FORMAT,
                    "format version %d; this version knows up to %d"
                            .formatted(metadata.formatVersion(), NEWEST_FORMAT));
        }
        if (!PropertyUtil.propertyAsBoolean(
                metadata.properties(), TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT)) {
            return ActionResult.of(Reason.GC_DISABLED, "table property gc.enabled is false: its files may be shared");
        }
        if (!(io instanceof SupportsPrefixOperations)) {
            return ActionResult.of(
                    Reason.UNSUPPORTED_FEATURE,
                    "the storage cannot be listed through " + io.getClass().getName());
        }
        return null;
    }

    private Decision plan(Subject subject, OrphanPolicy policy, AntiJoin join, Spill orphans) {
        TableOperations ops = subject.ops();
        TableMetadata before = ops.current();
        OtherTables.Survey survey = others.survey(() -> safePoint(subject));
        if (!survey.unknown().isEmpty()) {
            return unknown(survey.unknown());
        }
        SweepLocations swept = SweepLocations.of(
                subject.name(), before, ops.io(), survey, other -> others.isSameEntry(other, ops.refresh()));
        if (swept.swept().isEmpty()) {
            return Decision.stay(Reason.ORPHAN_GUARD, String.join("; ", swept.notes()));
        }
        Listing listing = list(subject, policy.olderThan().value(), swept, join);
        Optional<String> missed = listing.missed();
        if (missed.isPresent()) {
            return Decision.stay(
                    Reason.ORPHAN_GUARD,
                    missed.get()
                            + " is there, and what the storage lists lacks it: the list cannot be relied on; run the"
                            + " sweep again");
        }

        // Only now, so that what was committed while the listing went on is known as live.
        TableMetadata metadata = ops.refresh();
        ActionResult doubt = doubt(listing, before, metadata, ops);
        if (doubt != null) {
            return new Decision.Stay(doubt);
        }
        ReachableFiles reading = ReachableFiles.of(metadata, ops.io(), file -> {
            safePoint(subject);
            join.live(file);
        });
        OrphanPlan.Found found = new OrphanPlan.Found(listing, swept, orphans);
        NeededByOthers needed = new NeededByOthers(
                others,
                swept.tables(),
                LocationNormalizer.of(ops.io()),
                () -> safePoint(subject),
                found::add,
                found::addNeeded);
        join.unnamed(
                file -> {
                    safePoint(subject);
                    needed.add(file);
                },
                found::addDoubtful);
        needed.finish();
        String detail = detail(listing, swept, policy, found);
        if (found.files() == 0) {
            Effect effect = Effect.of(Counter.FILES_LEFT, found.leftFiles());
            return new Decision.Stay(new ActionResult(Reason.NO_ORPHANS, detail, effect, found.left(), null));
        }
        Setting<Integer> most = policy.maxBytesPercent();
        return found.bytes() * 100.0 > (double) most.value() * listing.bytes()
                ? tooMuch(found, listing, most)
                : new Decision.Go(new OrphanPlan(subject, reading, found, detail));
    }

    private static Decision unknown(List<OtherTables.Unknown> unknown) {
        return Decision.stay(
                Reason.ORPHAN_GUARD,
                ("nothing is swept while nobody knows where the files are of %s%s; repair it, or take it out of"
                                + " the catalog or the configuration")
                        .formatted(
                                unknown.get(0), unknown.size() == 1 ? "" : " and " + (unknown.size() - 1) + " more"));
    }

    /** Why what was listed and what the table names now cannot be compared, or null. */
    private static @Nullable ActionResult doubt(
            Listing listing, TableMetadata before, TableMetadata now, TableOperations ops) {
        ActionResult refusal = refusal(now, ops.io());
        if (refusal != null) {
            return refusal;
        }
        Optional<String> newer = listing.newerThan(now);
        if (newer.isPresent()) {
            return ActionResult.of(
                    Reason.ORPHAN_GUARD,
                    newer.get() + " is newer than the table as its catalog shows it: another catalog may own the table,"
                            + " or a commit died there; the next commit to the table settles which");
        }
        return places(before, ops).equals(places(now, ops))
                ? null
                : ActionResult.of(Reason.ORPHAN_GUARD, "the table's locations changed while they were listed");
    }

    private static Decision tooMuch(OrphanPlan.Found found, Listing listing, Setting<Integer> most) {
        return Decision.stay(
                Reason.ORPHAN_GUARD,
                ("%s with %s of the %s that were listed would go, more than max-orphan-bytes-percent %d (%s); is"
                                + " this the table's newest metadata?")
                        .formatted(
                                Human.count(found.files(), "file"),
                                Human.bytes(found.bytes()),
                                Human.bytes(listing.bytes()),
                                most.value(),
                                most.source()));
    }

    private static Listing list(Subject subject, Duration age, SweepLocations swept, AntiJoin join) {
        Instant cutoff = subject.now().minus(age.compareTo(OrphanPolicy.FLOOR) < 0 ? OrphanPolicy.FLOOR : age);
        Listing listing = new Listing(subject.ops(), swept, join, subject.now(), cutoff);
        try {
            swept.swept().forEach(place -> listing.list(place, () -> safePoint(subject)));
            listing.learnFromUnswept(() -> safePoint(subject));
        } catch (Stopped | LocationMismatchException | Spill.SpillException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new Unlistable(e);
        }
        return listing;
    }

    private static void safePoint(Subject subject) {
        if (subject.stop().stopped() || subject.stop().pastDeadline()) {
            throw new Stopped();
        }
    }

    private static List<Locations.Place> places(TableMetadata metadata, TableOperations ops) {
        return Locations.of(metadata, ops.io()).places();
    }

    private static String detail(Listing listing, SweepLocations swept, OrphanPolicy policy, OrphanPlan.Found found) {
        List<String> parts = new ArrayList<>();
        parts.add("%s listed, %d of them younger than %d h (%s)"
                .formatted(
                        Human.count(listing.files(), "file"),
                        listing.young(),
                        policy.olderThan().value().toHours(),
                        policy.olderThan().source()));
        if (found.others() > 0) {
            parts.add("left alone in places of other tables: " + Human.count(found.others(), "file"));
        }
        if (found.leftFiles() > 0) {
            parts.add("left, each with its reason: " + Human.count(found.leftFiles(), "file")
                    + " needed by other tables, easily taken for live ones, or with names that no writer of Iceberg"
                    + " tables gives");
        }
        if (listing.journaled() > 0) {
            parts.add("named by journals of runs: " + Human.count(listing.journaled(), "file")
                    + "; sink maintain settles those");
        }
        parts.addAll(swept.notes());
        return String.join("; ", parts);
    }
}
