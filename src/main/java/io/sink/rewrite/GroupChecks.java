package io.sink.rewrite;

import io.sink.outcome.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the footers of groups before these are rewritten: of those that are next before the first byte is written,
 * and of the others on a thread of its own while the first are at work.
 *
 * <p>That thread does not wait for the rewrite, so that a file for which all has to be given up is found early.
 *
 * @ref LLP 0031#footers
 */
public final class GroupChecks {
    /** Data files that are looked at before the first group begins. */
    public static final int NEXT = 1_000;

    /** Each further look is at so many times as many files, since each reads the manifests of its files once. */
    private static final int GROWTH = 4;

    private final Table table;
    private final Footers footers;
    private final FooterCheck check;
    private final boolean everyRow;
    private final boolean leavesUnreadable;
    private final int next;
    private final Set<Integer> seen = ConcurrentHashMap.newKeySet();
    private final Map<Integer, CompletableFuture<Checked>> later = new ConcurrentHashMap<>();
    private volatile @Nullable Throwable failure;

    /**
     * What was found.
     *
     * @param group with what its footers say about its pages
     * @param unreadable why it stays as it is; null if it can be rewritten
     */
    public record Checked(FileGroup group, @Nullable UnreadableGroup unreadable) {}

    /** Ends the looks that are still to come, and waits for the one at work. */
    @FunctionalInterface
    public interface Ahead {
        void end();
    }

    /**
     * @param footers reads the footers, and keeps some for the rewrite
     * @param entries reads the metrics of data files
     * @param everyRow whether the proof reads every row
     * @param leavesUnreadable whether groups with a file that cannot be read are left out; else one of them ends all
     * @param next data files that are looked at before the first group begins
     */
    public GroupChecks(
            Table table,
            Footers footers,
            FooterCheck.Entries entries,
            boolean everyRow,
            boolean leavesUnreadable,
            int next) {
        this.table = table;
        this.footers = footers;
        this.check = new FooterCheck(footers, entries);
        this.everyRow = everyRow;
        this.leavesUnreadable = leavesUnreadable;
        this.next = next;
    }

    /** The footers that were read. */
    Footers footers() {
        return footers;
    }

    /**
     * Looks at the first of these groups, and at what manifests tell of all.
     *
     * @throws RuntimeException as of {@link #look}
     */
    public List<Checked> begin(List<FileGroup> groups) {
        if (!leavesUnreadable) {
            Support.refuseByManifests(table, groups).ifPresent(refusal -> {
                throw new RefusedException(refusal);
            });
        }
        return look(upTo(next, groups));
    }

    private static List<FileGroup> upTo(int files, List<FileGroup> groups) {
        int taken = 0;
        int held = 0;
        while (taken < groups.size()
                && (taken == 0 || held + groups.get(taken).inputs().size() <= files)) {
            held += groups.get(taken++).inputs().size();
        }
        return groups.subList(0, taken);
    }

    /** Those that have been looked at. */
    public List<FileGroup> seen(List<FileGroup> groups) {
        return groups.stream().filter(group -> seen.contains(group.index())).toList();
    }

    /** Those that have not been looked at. */
    public List<FileGroup> unseen(List<FileGroup> groups) {
        return groups.stream().filter(group -> !seen.contains(group.index())).toList();
    }

    /**
     * Looks at these groups.
     *
     * @throws RefusedException if one of them cannot be rewritten, and none is to be left out
     * @throws RuntimeException if a footer cannot be read for a reason that concerns every group
     */
    public List<Checked> look(List<FileGroup> groups) {
        List<Checked> found = groups.isEmpty()
                ? List.of()
                : leavesUnreadable ? part(groups).toList() : all(groups).toList();
        groups.forEach(group -> seen.add(group.index()));
        return found;
    }

    private Stream<Checked> all(List<FileGroup> groups) {
        Support.refuseGroups(table, groups, check, everyRow).ifPresent(refusal -> {
            throw new RefusedException(refusal);
        });
        return groups.stream().map(group -> new Checked(check.decided(table, group), null));
    }

    /** Halves what has something in it that cannot be read, until it is one group. */
    private Stream<Checked> part(List<FileGroup> groups) {
        UnreadableGroup found;
        try {
            return all(groups);
        } catch (RefusedException e) {
            found = new UnreadableGroup(
                    groups.get(0).index(), e.refusal().reason(), e.refusal().detail(), List.of());
        } catch (RuntimeException e) {
            found = UnreadableGroup.of(groups.get(0), e, Reason.REWRITE_ERROR, List.of())
                    .orElseThrow(() -> e);
        }
        int half = groups.size() / 2;
        return half == 0
                ? Stream.of(new Checked(groups.get(0), found))
                : Stream.concat(part(groups.subList(0, half)), part(groups.subList(half, groups.size())));
    }

    /**
     * Begins to look at those of these groups that have not been looked at, in their order.
     *
     * @return to be ended when the groups have ended
     */
    public Ahead ahead(List<FileGroup> groups) {
        List<FileGroup> left = unseen(groups);
        if (left.isEmpty()) {
            return () -> {};
        }
        left.forEach(group -> later.put(group.index(), new CompletableFuture<>()));
        Thread thread = new Thread(() -> lookAt(left), "sink-footers");
        thread.setDaemon(true);
        thread.start();
        return () -> {
            end();
            join(thread);
        };
    }

    /** Ends the looks: nobody needs what they would find. Who waits for one gets an exception. */
    void end() {
        footers.end();
    }

    private void lookAt(List<FileGroup> groups) {
        List<FileGroup> left = groups;
        try {
            for (int files = next * GROWTH; !left.isEmpty(); files = Math.max(files, files * GROWTH)) {
                List<FileGroup> some = upTo(files, left);
                look(some).forEach(found -> promised(found.group()).complete(found));
                left = left.subList(some.size(), left.size());
            }
        } catch (Throwable e) {
            failure = e;
            later.values().forEach(promise -> promise.completeExceptionally(e));
        }
    }

    private CompletableFuture<Checked> promised(FileGroup group) {
        CompletableFuture<Checked> promise = later.get(group.index());
        if (promise == null) {
            throw new IllegalStateException("nobody looks at group " + group.index());
        }
        return promise;
    }

    /**
     * What was found at a group, which {@link #look} or a look {@link #ahead} is at: waits for it.
     *
     * @throws RuntimeException as of {@link #look}
     */
    public Checked of(FileGroup group) {
        CompletableFuture<Checked> promise = later.get(group.index());
        if (promise == null) {
            return new Checked(group, null);
        }
        try {
            return promise.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** What ended the looks ahead too early; null if nothing did. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** The bloom filters that a rewrite of all groups that were looked at makes and drops. */
    public BloomFilters bloomFilters() {
        return check.bloomFilters(table);
    }

    /** A thread at work is never left behind: it reads files of the table. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
