package io.sink.sim;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.compact.CompactAction;
import io.sink.compact.CompactPolicy;
import io.sink.deletes.DeletesAction;
import io.sink.deletes.DeletesPolicy;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.expire.ExpireAction;
import io.sink.expire.ExpirePolicy;
import io.sink.expire.OlderThan;
import io.sink.manifests.ManifestsAction;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import io.sink.orphans.OrphansAction;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.rewrite.ProofLevel;
import io.sink.settle.SettleAction;
import io.sink.storage.OtherTables;
import io.sink.testing.Acting;
import io.sink.testing.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.TableOperations;

/** What happens in one world, in its order: drawn from a seed, and the same again from the same seed. */
record Schedule(long seed, List<Step> steps) {
    private static final int MOST_STEPS = 4;

    /** One schedule in so many is read by the second reader as well, which takes longer than the schedule. */
    private static final int READ_AGAIN_EVERY = 100;

    /** Calls that each action makes at about the most; a fault falls on one of them. */
    private static final Map<String, Integer> CALLS =
            Map.of("compact", 70, "expire", 60, "deletes", 40, "manifests", 40, "sweep", 25);

    private static final List<String> ACTIONS =
            List.of("compact", "expire", "compact", "expire", "deletes", "manifests", "sweep");

    /** A schedule with faults of one kind meets combinations that are rare among all: half of them have one theme. */
    private static final List<List<Fault>> THEMES = List.of(
            List.of(Fault.values()),
            List.of(Fault.MEANWHILE),
            List.of(Fault.MEANWHILE, Fault.RIVAL, Fault.SLEEP),
            List.of(Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.KILL_LATE, Fault.SLEEP),
            List.of(Fault.BEFORE, Fault.AFTER, Fault.TWICE, Fault.PARTLY));

    /** One thing that happens. */
    sealed interface Step {}

    /** Another writer is at work. */
    record Others(int times) implements Step {}

    /** Time passes. */
    record Pause(Duration time) implements Step {}

    /** The program does an action, after it settled what dead runs left. */
    record Run(String action, ProofLevel level, Map<Integer, Fault> faults) implements Step {}

    /** What came of a schedule. */
    record Outcome(List<String> violations, List<String> story, Map<String, Integer> reasons) {}

    static Schedule draw(long seed) {
        Random random = new Random(seed);
        List<List<Fault>> theme = random.nextInt(2) == 0 ? THEMES : List.of(THEMES.get(random.nextInt(THEMES.size())));
        List<Step> steps = new ArrayList<>();
        steps.add(new Others(2 + random.nextInt(5)));
        for (int i = 1 + random.nextInt(MOST_STEPS); i > 0; i--) {
            String action = ACTIONS.get(random.nextInt(ACTIONS.size()));
            Map<Integer, Fault> faults = new TreeMap<>();
            List<Fault> drawn = theme.get(random.nextInt(theme.size()));
            for (int j = random.nextInt(4); j > 0; j--) {
                faults.put(1 + random.nextInt(CALLS.getOrDefault(action, 1)), drawn.get(random.nextInt(drawn.size())));
            }
            steps.add(new Run(action, ProofLevel.values()[random.nextInt(3)], faults));
            switch (random.nextInt(4)) {
                case 0 -> steps.add(new Others(1 + random.nextInt(3)));
                case 1 -> steps.add(new Pause(Duration.ofHours(1 + random.nextInt(40))));
                default -> {}
            }
        }
        return new Schedule(seed, List.copyOf(steps));
    }

    /** The same without one step. */
    List<Schedule> smaller() {
        List<Schedule> all = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            List<Step> less = new ArrayList<>(steps);
            less.remove(i);
            all.add(new Schedule(seed, List.copyOf(less)));
        }
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Run run) {
                for (Integer call : run.faults().keySet()) {
                    Map<Integer, Fault> fewer = new TreeMap<>(run.faults());
                    fewer.remove(call);
                    List<Step> less = new ArrayList<>(steps);
                    less.set(i, new Run(run.action(), run.level(), fewer));
                    all.add(new Schedule(seed, List.copyOf(less)));
                }
            }
        }
        return all;
    }

    /** Plays it in a new world. */
    Outcome play() {
        return new Play().play();
    }

    private final class Play {
        private final World world = new World(seed);
        private final List<String> story = new ArrayList<>();
        private final Map<String, Integer> reasons = new TreeMap<>();
        private final Set<String> written = new HashSet<>();
        private int runs;

        Outcome play() {
            world.rival(this::rival);
            for (Step step : steps) {
                if (step instanceof Others others) {
                    for (int i = 0; i < others.times(); i++) {
                        story.add(world.meanwhile());
                    }
                } else if (step instanceof Pause pause) {
                    world.clock.pass(pause.time());
                    story.add("pause of " + pause.time());
                    story.addAll(world.deliver());
                } else if (step instanceof Run run) {
                    act(run);
                }
                world.check("after " + story.get(story.size() - 1));
                if (!world.violations().isEmpty()) {
                    return outcome();
                }
            }
            story.addAll(world.deliver());
            world.rival(number -> List.of());
            // Longer than every lease: what is left then is left for good.
            world.clock.pass(Duration.ofHours(50));
            ActionResult settled = clean("settle");
            ActionResult expired = clean("expire");
            world.check("at the end");
            // What is written after a journal was settled, by a process that then dies, is left to a sweep.
            if (!world.overslept()) {
                leftovers(settled, expired);
            }
            world.clock.pass(Duration.ofDays(10));
            clean("sweep");
            world.check("after the sweep at the end");
            // A sweep leaves what lies beside the metadata of a table that was dropped.
            if (!world.overslept() || !world.hasDropped()) {
                leftovers(settled, expired);
            }
            if (Math.floorMod(seed, READ_AGAIN_EVERY) == 0 && world.pointer() != null) {
                readAgain();
            }
            return outcome();
        }

        private Outcome outcome() {
            return new Outcome(List.copyOf(world.violations()), List.copyOf(story), Map.copyOf(reasons));
        }

        private void readAgain() {
            try {
                Path folder = Files.createTempDirectory("simulated");
                try {
                    world.readAgain(folder);
                } finally {
                    Trees.delete(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void leftovers(ActionResult settled, ActionResult expired) {
            List<String> said = new ArrayList<>(settled.files().left());
            said.addAll(expired.files().left());
            Set<String> needed = world.needed();
            for (String file : written) {
                boolean stays = world.store.has(file)
                        && !needed.contains(file)
                        && !world.isOfDropped(file)
                        && !file.endsWith(".metadata.json");
                if (stays && said.stream().noneMatch(left -> left.startsWith(file))) {
                    world.violated("at the end " + file + " is left, which a run wrote and nobody needs");
                }
            }
            for (String file : world.unneeded()) {
                if (said.stream().noneMatch(left -> left.startsWith(file))) {
                    world.violated("at the end " + file + " is left, which no snapshot needs any more");
                }
            }
        }

        /** Another run, of which everything is drawn from the number. */
        private List<String> rival(int number) {
            List<String> told = new ArrayList<>(story);
            story.clear();
            Random random = new Random(31 * seed + number);
            String action = ACTIONS.get(random.nextInt(ACTIONS.size()));
            Fault fault = Fault.values()[random.nextInt(Fault.MEANWHILE.ordinal())];
            Map<Integer, Fault> faults =
                    random.nextBoolean() ? Map.of() : Map.of(1 + random.nextInt(CALLS.getOrDefault(action, 1)), fault);
            act(new Run(action, ProofLevel.COUNTS, faults));
            List<String> did = List.copyOf(story);
            story.clear();
            story.addAll(told);
            return did;
        }

        private void act(Run run) {
            Process process = new Process("run" + ++runs, world, run.faults());
            story.add(run.action() + " " + run.level() + " with " + run.faults());
            try {
                TableOperations ops = new Operations(world, process);
                if (ops.current() == null) {
                    return;
                }
                act(process, ops, new SettleAction(OtherTables.NONE), "any");
                ActionResult result = act(process, ops, run);
                judge(process, result);
            } catch (Killed e) {
                story.add(process.name + " is dead");
            } catch (RuntimeException e) {
                story.add(process.name + " cannot begin: " + e);
            } finally {
                story.addAll(process.story());
                written.addAll(process.created());
            }
        }

        private ActionResult clean(String action) {
            Process process = new Process("last " + action, world, Map.of());
            TableOperations ops = new Operations(world, process);
            ops.current();
            ActionResult result = action.equals("settle")
                    ? act(process, ops, new SettleAction(OtherTables.NONE), "any")
                    : act(process, ops, new Run(action, ProofLevel.COUNTS, Map.of()));
            written.addAll(process.created());
            return result;
        }

        private ActionResult act(Process process, TableOperations ops, Run run) {
            return switch (run.action()) {
                case "compact" ->
                    act(
                            process,
                            ops,
                            new CompactAction(new LocalEngine(1, MemoryBudget.work()), world.clock, "test"),
                            new CompactPolicy(
                                    Acting.set(2),
                                    Acting.set(1L << 30),
                                    null,
                                    Acting.set(2),
                                    Acting.set(CompactPolicy.WhenAboveCap.SKIP),
                                    Acting.set(run.level()),
                                    Acting.set("main"),
                                    Acting.set(CompactPolicy.OnUnreadable.FAIL),
                                    Acting.set(1 + run.level().ordinal()),
                                    Acting.set(1),
                                    CompactPolicy.Partitions.ALL));
                case "expire" ->
                    act(
                            process,
                            ops,
                            new ExpireAction(OtherTables.NONE, world.clock),
                            new ExpirePolicy(
                                    Acting.set(new OlderThan.Age(Duration.ZERO)),
                                    Acting.set(1),
                                    null,
                                    null,
                                    ExpirePolicy.History.UNGUARDED,
                                    Acting.set(ExpirePolicy.Exclusive.NONE)));
                case "deletes" ->
                    act(
                            process,
                            ops,
                            new DeletesAction(world.clock, "test"),
                            new DeletesPolicy(Acting.set(1), Acting.set("main")));
                case "manifests" ->
                    act(
                            process,
                            ops,
                            new ManifestsAction(world.clock, "test"),
                            new ManifestsPolicy(Acting.set(2), Acting.set("main")));
                case "sweep" ->
                    act(
                            process,
                            ops,
                            new OrphansAction(OtherTables.NONE),
                            new OrphanPolicy(Acting.set(Duration.ofDays(3)), Acting.set(100)));
                default -> throw new IllegalArgumentException(run.action());
            };
        }

        private <P> ActionResult act(Process process, TableOperations ops, Action<? super P> action, P policy) {
            world.clock.pass(Duration.ofSeconds(1));
            Decision decision = action.plan(
                    new Subject(
                            "sim.t",
                            ops,
                            false,
                            "01RUN" + world.clock.instant().toEpochMilli(),
                            "host",
                            world.clock.instant(),
                            StopSignal.NEVER),
                    policy);
            ActionResult result = decision instanceof Decision.Stay stay
                    ? stay.result()
                    : ((Decision.Go) decision).plan().execute();
            reasons.merge(action.name().code() + " " + result.reason().code(), 1, Integer::sum);
            story.add(process.name + ": " + action.name().code() + " "
                    + result.reason().code() + " " + result.detail()
                    + (result.files().left().isEmpty()
                            ? ""
                            : " left " + result.files().left()));
            return result;
        }

        /** Whether the report says what happened. */
        private void judge(Process process, ActionResult result) {
            Long said = result.committedSnapshotId();
            if (said != null && !process.landed.contains(said)) {
                world.violated(process.name + " says that it committed " + said + ", and did not");
            }
            Set<Reason> denials = EnumSet.of(Reason.COMMIT_CONFLICT);
            if (said == null && !process.landed.isEmpty() && denials.contains(result.reason())) {
                world.violated(process.name + " says " + result.reason() + ", and it committed " + process.landed);
            }
        }
    }
}
