package io.sink.sim;

/** What happens at one call of a process to storage or catalog. */
enum Fault {
    /** It fails and has no effect. */
    BEFORE,
    /** It has its effect, and the answer is a failure. */
    AFTER,
    /** It is carried out twice, as by a client that sends a request again: the second answer is the one that arrives. */
    TWICE,
    /** The process dies before it. */
    KILL_BEFORE,
    /** The process dies after it had its effect. */
    KILL_AFTER,
    /** The process dies, and the request is carried out some time later. */
    KILL_LATE,
    /** Of several things some are done and some are not; a listing does not show the newest. */
    PARTLY,
    /** Somebody else does something first. */
    MEANWHILE,
    /** Another run of the program settles and does something first, as from another machine. */
    RIVAL,
    /** The process sleeps for hours, while somebody else and another run are at work; then it goes on. */
    SLEEP;

    /** Whether the call itself is made as if nothing was, only later. */
    boolean waits() {
        return this == MEANWHILE || this == RIVAL || this == SLEEP;
    }

    boolean kills() {
        return this == KILL_BEFORE || this == KILL_AFTER || this == KILL_LATE;
    }
}
