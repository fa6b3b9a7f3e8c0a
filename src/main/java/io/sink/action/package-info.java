/** What every action on a table looks like: a plan, and its execution. */
@NullMarked
package io.sink.action;

import org.jspecify.annotations.NullMarked;
