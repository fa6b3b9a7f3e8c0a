package io.sink.rewrite;

import java.io.Serializable;
import java.util.List;

/** What came of one group. */
public sealed interface GroupEnd extends Serializable permits GroupResult, UnreadableGroup {
    /** Locations of every file that was begun. */
    List<String> announced();
}
