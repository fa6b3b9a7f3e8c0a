package io.sink.cli;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The command that the operator wants to be run where a run does not end with 0, also if it could not begin.
 *
 * <p>It has so much time and no more, since a scheduler waits for it, and it does not change how the run ended.
 */
final class FailureHook {
    private static final Duration TIME = Duration.ofMinutes(1);
    private static final String REPORT_FILE = "SINK_REPORT_FILE";

    private FailureHook() {}

    /** Runs the command of {@code --on-failure}, if there is one and the code is not 0. */
    static void after(CommandLine line, int code) {
        CommandLine.ParseResult typed = line.getParseResult();
        if (code == 0 || typed == null || !typed.hasSubcommand()) {
            return;
        }
        CommandSpec command = typed.subcommand().commandSpec();
        EndOptions end = of(command, EndOptions.class);
        if (end != null && end.onFailure != null) {
            run(end.onFailure, code, of(command, OutputOptions.class), TIME);
        }
    }

    private static <T> @Nullable T of(CommandSpec command, Class<T> options) {
        return command.mixins().values().stream()
                .map(CommandSpec::userObject)
                .filter(options::isInstance)
                .map(options::cast)
                .findFirst()
                .orElse(null);
    }

    private static void run(String command, int code, @Nullable OutputOptions output, Duration time) {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command)
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectOutput(Redirect.INHERIT)
                .redirectError(Redirect.INHERIT);
        Map<String, String> environment = builder.environment();
        environment.put("SINK_EXIT_CODE", Integer.toString(code));
        environment.remove(REPORT_FILE);
        if (output != null && output.written != null) {
            environment.put(REPORT_FILE, output.written.toAbsolutePath().toString());
        }
        try {
            Process hook = builder.start();
            if (!hook.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
                hook.descendants().forEach(ProcessHandle::destroyForcibly);
                hook.destroyForcibly();
                System.err.println("sink: the command of --on-failure took longer than " + time.toSeconds()
                        + " seconds and was ended");
            } else if (hook.exitValue() != 0) {
                System.err.println("sink: the command of --on-failure ended with " + hook.exitValue());
            }
        } catch (IOException e) {
            System.err.println("sink: the command of --on-failure could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
