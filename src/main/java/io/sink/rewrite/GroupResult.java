package io.sink.rewrite;

import java.util.List;

/**
 * A group that was rewritten and proved; sent back from the process that did it.
 *
 * @param index the group's number in its plan
 * @param written the files, and what was counted while they were written
 * @param proof what was shown to be equal
 * @param evidence what was read back of each file of {@code written}
 * @param announced locations of every file that was begun, those of {@code written} among them
 */
public record GroupResult(
        int index, RewriteResult written, Proof proof, List<FileEvidence> evidence, List<String> announced)
        implements GroupEnd {
    public GroupResult {
        evidence = List.copyOf(evidence);
        announced = List.copyOf(announced);
    }
}
