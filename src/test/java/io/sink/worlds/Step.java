package io.sink.worlds;

import java.util.ArrayList;
import java.util.List;

/**
 * One run over a world.
 *
 * @param command {@code maintain} or {@code orphans}
 * @param selection a catalog or a table in full; empty for everything
 * @param dry whether it may change nothing
 */
record Step(String command, String selection, boolean dry, boolean parallel) {

    boolean sweeps() {
        return command.equals("orphans");
    }

    boolean isNarrow() {
        return !selection.isEmpty();
    }

    boolean selects(Entry entry) {
        return !isNarrow() || selection.equals(entry.cat().name) || selection.equals(entry.fullName());
    }

    Step rehearsed() {
        return new Step(command, selection, true, parallel);
    }

    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(command));
        if (sweeps() && !dry) {
            arguments.add("--delete");
        }
        if (!sweeps() && dry) {
            arguments.add("--dry-run");
        }
        if (parallel) {
            arguments.addAll(List.of("--parallel", "2"));
        }
        if (isNarrow()) {
            arguments.add(selection);
        }
        return arguments;
    }

    @Override
    public String toString() {
        return "sink " + String.join(" ", arguments());
    }
}
