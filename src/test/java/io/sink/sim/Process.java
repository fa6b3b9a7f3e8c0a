package io.sink.sim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.jspecify.annotations.Nullable;

/** One process that works on the world: every call that it makes can go wrong as its schedule says. */
final class Process {
    final String name;
    private final World world;
    /** By the number of the call, from 1 on. */
    private final Map<Integer, Fault> faults;

    private final AtomicInteger calls = new AtomicInteger();
    private final List<String> story = Collections.synchronizedList(new ArrayList<>());
    /** Objects that it created. */
    final Set<String> created = ConcurrentHashMap.newKeySet();
    /** Snapshots that it committed. */
    final Set<Long> landed = ConcurrentHashMap.newKeySet();

    private volatile boolean dead;
    private boolean busy;
    private @Nullable Fault waiting;

    Process(String name, World world, Map<Integer, Fault> faults) {
        this.name = name;
        this.world = world;
        this.faults = new TreeMap<>(faults);
    }

    boolean isDead() {
        return dead;
    }

    int calls() {
        return calls.get();
    }

    /** What went wrong, call by call. */
    List<String> story() {
        return List.copyOf(story);
    }

    Set<String> created() {
        return new TreeSet<>(created);
    }

    <T> T call(String what, Supplier<T> effect) {
        return call(what, effect, effect, message -> new ServiceFailureException("%s", message));
    }

    void run(String what, Runnable effect) {
        call(what, () -> {
            effect.run();
            return "";
        });
    }

    private static void done(Supplier<?> effect) {
        Object answer = effect.get();
        if (answer == null) {
            throw new IllegalStateException("no answer");
        }
    }

    private synchronized @Nullable Fault fault(int number) {
        Fault fault = faults.get(number);
        if (busy) {
            return null;
        }
        if (fault != null && fault.waits()) {
            waiting = fault;
            fault = null;
        }
        if (fault != null || waiting == null || inPool()) {
            return fault;
        }
        busy = true;
        fault = waiting;
        waiting = null;
        return fault;
    }

    private synchronized void awake() {
        busy = false;
    }

    /** Whether who is at work in between would wait for the pool that waits for him. */
    private static boolean inPool() {
        String thread = Thread.currentThread().getName();
        return thread.startsWith("iceberg-") || thread.startsWith("sink-storage") || thread.startsWith("sink-pages");
    }

    /**
     * Makes a call.
     *
     * @param partly the effect of a call that is only partly carried out; may throw
     * @param failure what the caller gets of a call that fails
     */
    <T> T call(String what, Supplier<T> effect, Supplier<T> partly, Function<String, RuntimeException> failure) {
        if (dead) {
            throw new Killed(what);
        }
        int number = calls.incrementAndGet();
        Fault fault = fault(number);
        if (fault == null) {
            return effect.get();
        }
        story.add(fault + " " + number + " " + what);
        switch (fault) {
            case BEFORE -> throw failure.apply("injected before " + what);
            case AFTER -> {
                done(effect);
                throw failure.apply("injected after " + what);
            }
            case TWICE -> {
                done(effect);
                return effect.get();
            }
            case PARTLY -> {
                return partly.get();
            }
            case MEANWHILE, RIVAL, SLEEP -> {
                world.meanwhile(fault, number).forEach(did -> story.add("  " + did));
                awake();
                return effect.get();
            }
            case KILL_AFTER -> done(effect);
            case KILL_LATE -> world.later(name + " late: " + what, () -> done(effect));
            case KILL_BEFORE -> {}
        }
        dead = true;
        throw new Killed(what);
    }
}
