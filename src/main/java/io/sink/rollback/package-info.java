/** Sets a branch back to one of its earlier snapshots. */
@NullMarked
package io.sink.rollback;

import org.jspecify.annotations.NullMarked;
