package lib;

import java.io.PrintStream;
import java.io.PrintWriter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the test that is named as {@code class#method}, and ends with what came of it. */
public final class OneTest {
    static final int PASSED = 0;
    static final int FAILED = 10;
    static final int NONE = 11;

    private OneTest() {}

    public static void main(String[] args) throws ClassNotFoundException {
        String test = args[0];
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectMethod(
                        Class.forName(test.substring(0, test.indexOf('#'))),
                        Mutant.method(test).orElseThrow()))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        PrintStream out = System.out;
        summary.printFailuresTo(new PrintWriter(out, true), 3);
        // Threads that a broken program left must not keep this process.
        Runtime.getRuntime()
                .halt(
                        !summary.getFailures().isEmpty()
                                ? FAILED
                                : summary.getTestsSucceededCount() == 0 ? NONE : PASSED);
    }
}
