package io.sink.action;

import io.sink.outcome.ActionName;

/**
 * Something that can be done to a table.
 *
 * @param <P> the policy record of this action
 */
public interface Action<P> {

    /** The published name. */
    ActionName name();

    /**
     * Looks at the table and decides; writes nothing.
     *
     * @throws RuntimeException on an unexpected failure, which the caller reports as {@code internal-error}
     */
    Decision plan(Subject subject, P policy);
}
