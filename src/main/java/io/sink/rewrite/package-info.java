/** Rewrites a group of files and proves the files written; commits nothing. */
@NullMarked
package io.sink.rewrite;

import org.jspecify.annotations.NullMarked;
