/** Compaction policy; data files are rewritten into fewer, larger ones. */
@NullMarked
package io.sink.compact;

import org.jspecify.annotations.NullMarked;
