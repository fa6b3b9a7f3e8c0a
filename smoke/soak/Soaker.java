package soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.cli.SinkCommand;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that runs the program's command line again and again, as no user would, and says what is left each time. */
public final class Soaker {
    private static final int LOOK_EVERY = 5;
    /** Runs that there are at least: each kind of them, and some after that. */
    static final int LEAST = 7;

    /** So many that no writer validates its commit from a snapshot that is gone: Iceberg then leaves its manifests. */
    private static final String KEPT_SNAPSHOTS = "300";

    private final Path config;
    private final Path locks;
    private long landed;
    private long lost;

    private Soaker(Path config, Path locks) {
        this.config = config;
        this.locks = locks;
    }

    /** A configuration, a directory for locks, how many seconds, and the file for samples. */
    public static void main(String[] args) throws IOException {
        Soaker soaker = new Soaker(Path.of(args[0]), Path.of(args[1]));
        soaker.soak(Long.parseLong(args[2]), Path.of(args[3]));
        System.exit(0);
    }

    private void soak(long seconds, Path samples) throws IOException {
        long begin = System.nanoTime();
        try (BufferedWriter out = Files.newBufferedWriter(samples)) {
            long second = 0;
            for (int round = 1; second < seconds || round <= LEAST; round++) {
                account(run(arguments(round)));
                second = (System.nanoTime() - begin) / 1_000_000_000L;
                out.write(Sample.now(second, round, landed, lost, locks).line());
                out.newLine();
                out.flush();
            }
        }
    }

    private List<String> arguments(int round) {
        List<String> arguments = new ArrayList<>();
        if (round % LOOK_EVERY == 0) {
            arguments.add("inspect");
        } else if (round % LOOK_EVERY == LOOK_EVERY / 2) {
            arguments.add("orphans");
        } else {
            arguments.addAll(List.of(
                    "maintain",
                    "--compact",
                    "--min-data-files",
                    "2",
                    "--min-input-files",
                    "2",
                    "--older-than",
                    "0s",
                    "--retain-last",
                    KEPT_SNAPSHOTS));
        }
        arguments.addAll(List.of("--config", config.toString(), "--state-dir", locks.toString(), "--report", "json"));
        return arguments;
    }

    private static JsonNode run(List<String> arguments) throws IOException {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setOut(new PrintStream(report, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
        int status;
        try {
            status = SinkCommand.run(arguments.toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        if (status != 0) {
            throw new IllegalStateException(arguments + " ended with " + status + ":\n"
                    + report.toString(StandardCharsets.UTF_8) + told.toString(StandardCharsets.UTF_8));
        }
        return new ObjectMapper().readTree(report.toByteArray());
    }

    private void account(JsonNode report) {
        for (JsonNode action : report.path("tables").path(0).path("actions")) {
            String reason = action.path("reason").asText();
            String outcome = action.path("outcome").asText();
            boolean lostRace = reason.equals("commit-conflict");
            if (outcome.equals("failed")
                    || outcome.equals("deferred") && !lostRace
                    || !action.path("left_files").isEmpty()) {
                throw new IllegalStateException(report.toPrettyString());
            }
            landed += reason.equals("compacted") ? 1 : 0;
            lost += lostRace ? 1 : 0;
        }
    }
}
