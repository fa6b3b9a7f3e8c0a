package io.sink.rewrite;

import java.io.Serializable;
import java.util.List;

/** How one group ended. */
public sealed interface GroupEnd extends Serializable permits GroupResult, UnreadableGroup {
    /** Locations of every file that was begun, finished or not. */
    List<String> announced();
}
