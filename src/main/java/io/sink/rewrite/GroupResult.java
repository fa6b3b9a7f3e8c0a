package io.sink.rewrite;

import java.util.List;

/**
 * A group that was rewritten and proved; it travels back from where that was done.
 *
 * @param index the group's number in its plan
 * @param written the files, and what was counted on the way
 * @param proof what was shown to be equal
 * @param evidence what was found in each file of {@code written}
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
