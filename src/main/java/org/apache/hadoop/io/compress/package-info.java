/** What Parquet looks for under Hadoop's names, and Hadoop does not have. */
@NullMarked
package org.apache.hadoop.io.compress;

import org.jspecify.annotations.NullMarked;
