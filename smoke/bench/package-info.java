/** What a compaction costs, beside others that do the same work, and beside what no program can do without. */
@NullMarked
package bench;

import org.jspecify.annotations.NullMarked;
