package io.sink.deletes;

import io.sink.action.Setting;

/**
 * What was asked for the dangling delete files of one table.
 *
 * @param minDanglingDeletes dangling delete files from which a commit is worth it; default 1
 * @param branch the branch to look at; default {@code main}
 */
public record DeletesPolicy(Setting<Integer> minDanglingDeletes, Setting<String> branch) {}
