package io.sink.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The {@code SINK_…} variables of the environment. A mistyped one would silently set nothing. */
public final class Variables {
    private static final String PREFIX = "SINK_";

    /** Variables of the command line and of the start script, which are no settings. */
    static final List<String> OTHERS = List.of(
            "SINK_CONFIG",
            "SINK_REPORT",
            "SINK_LOG_FORMAT",
            "SINK_JAVA_OPTS",
            "SINK_CLASSPATH",
            "SINK_NO_BUILD",
            "SINK_NO_ARCHIVE",
            "SINK_EXIT_CODE",
            "SINK_REPORT_FILE");

    /**
     * What Kubernetes sets in every container of a namespace that has a service called sink, or sink-something: {@code
     * SINK_SERVICE_HOST}, {@code SINK_UI_PORT_8080_TCP_ADDR} and the like.
     */
    private static final Pattern OF_KUBERNETES = Pattern.compile("SINK_([A-Z0-9_]+_)?"
            + "(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

    private Variables() {}

    /**
     * A sentence for each variable that looks like one of ours and is none. Values are not repeated: they may be
     * anything.
     */
    public static List<String> unknown(Map<String, String> env, SinkConfig config) {
        Set<String> known = new TreeSet<>(OTHERS);
        SettingKeys.ALL.forEach(key -> known.add(key.variable()));
        List<String> sentences = new ArrayList<>();
        for (String name : new TreeSet<>(env.keySet())) {
            if (name.startsWith(PREFIX)
                    && !known.contains(name)
                    && !config.variables().contains(name)
                    && !OF_KUBERNETES.matcher(name).matches()) {
                sentences.add("the environment variable " + name + " is no setting, and ${" + name
                        + "} is not in the configuration: "
                        + Nearest.to(name, known)
                                .map(nearest -> "did you mean " + nearest + "?")
                                .orElse("unset it; sink check lists the settings"));
            }
        }
        return sentences;
    }
}
