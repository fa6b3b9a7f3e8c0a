package io.sink.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * The seeds of a generated test: a test method that takes one as a parameter, in a class with
 * {@code @ExtendWith(Seeds.Given.class)}, draws the same cases in every build.
 *
 * <p>By default the seeds are those that stand here. {@code -Dsink.seed=N} begins at N, with a single case unless the
 * number of cases is given as well. {@code -Dsink.seed=random} draws the first seed, and so does a number of cases that
 * is asked for, since that makes a long run. A case that fails prints its seed and the command that repeats it on
 * standard error, which Maven shows of both unit tests and flows.
 */
public final class Seeds {
    private static final String SEED = "sink.seed";
    private static final String RANDOM = "random";
    /** The first seed in every build that does not ask for another. */
    private static final long STANDING = 20261128L;

    private static final long BOUND = 1_000_000_000L;
    /** Set by the build itself, and true of no other checkout. */
    private static final String HOME = "sink.home";

    private final String testClass;
    private final String method;
    private final Properties properties;

    Seeds(String testClass, String method, Properties properties) {
        this.testClass = testClass;
        this.method = method;
        this.properties = properties;
    }

    /** Gives a test method its seeds. */
    public static final class Given implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
            return parameter.getParameter().getType() == Seeds.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
            return new Seeds(
                    test.getRequiredTestClass().getName(),
                    test.getRequiredTestMethod().getName(),
                    System.getProperties());
        }
    }

    /**
     * The seed of what is made once and kept for later runs, which is the standing one unless a number is given.
     *
     * @param standing the seed that published figures were measured with
     */
    public static long kept(long standing) {
        return Long.getLong(SEED, standing);
    }

    /** The properties of a process whose tests begin at this seed. */
    public static Map<String, String> from(long seed) {
        return Map.of(SEED, Long.toString(seed));
    }

    /** What is done with the numbers of one seed. */
    @FunctionalInterface
    public interface Case {
        void run(Draws draws) throws Exception;
    }

    /** A test for each case, in its name the seed. */
    public List<DynamicTest> tests(int standard, Case each) {
        return tests("sink.cases", standard, each);
    }

    /**
     * A test for each case, in its name the seed.
     *
     * @param count the property that says how many cases there are
     * @param standard how many there are without it
     */
    public List<DynamicTest> tests(String count, int standard, Case each) {
        Cases cases = new Cases(count, standard, each);
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < cases.size; i++) {
            long seed = cases.first + i;
            tests.add(DynamicTest.dynamicTest("seed " + seed, () -> cases.run(seed)));
        }
        return tests;
    }

    /** Does every case in turn until one fails; parameters as in {@link #tests(String, int, Case)}. */
    public void each(String count, int standard, Case each) throws Exception {
        Cases cases = new Cases(count, standard, each);
        for (int i = 0; i < cases.size; i++) {
            cases.run(cases.first + i);
        }
    }

    /** Draws all of a test from one seed. */
    public void once(Case test) throws Exception {
        new Cases("", 1, test).run();
    }

    /**
     * Draws all of a test from one seed, which is a random one where this property asks for the full size.
     *
     * @param size the property
     */
    public void once(String size, Case test) throws Exception {
        new Cases(size, test).run();
    }

    /** The cases of one test method. */
    private final class Cases {
        private final String count;
        private final int size;
        private final long first;
        private final Case each;
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicLong draws = new AtomicLong();
        private final AtomicLong digest = new AtomicLong();

        /** Cases that can be repeated without how many there were. */
        private Cases(String count, int standard, Case each) {
            String seed = properties.getProperty(SEED);
            boolean one = seed != null && !seed.equals(RANDOM);
            this.count = count;
            this.size = Integer.parseInt(properties.getProperty(count, Integer.toString(one ? 1 : standard)));
            this.first = first(properties.containsKey(count));
            this.each = each;
        }

        /** One case, whose size is a part of it. */
        private Cases(String size, Case each) {
            this.count = "";
            this.size = 1;
            this.first = first(properties.containsKey(size));
            this.each = each;
        }

        private long first(boolean longRun) {
            String seed = properties.getProperty(SEED, longRun ? RANDOM : Long.toString(STANDING));
            if (!seed.equals(RANDOM)) {
                return Long.parseLong(seed);
            }
            // At once, since a long run may be ended before it can say so.
            System.out.println("%s#%s draws from seed %d on".formatted(simpleName(), method, Drawn.SEED));
            return Drawn.SEED;
        }

        private void run() throws Exception {
            run(first);
        }

        private void run(long seed) throws Exception {
            Draws own = new Draws(seed);
            try {
                each.run(own);
            } catch (TestAbortedException skipped) {
                throw skipped;
            } catch (Exception | Error e) {
                System.err.println(failure(seed, count));
                throw e;
            }
            draws.addAndGet(own.count());
            // A sum, since dynamic tests may end in any order.
            digest.addAndGet(own.digest());
            if (done.incrementAndGet() == size) {
                System.out.println("%s#%s: %d cases from seed %d on, %d draws with digest %016x"
                        .formatted(simpleName(), method, size, first, draws.get(), digest.get()));
            }
        }
    }

    /** The seed that is drawn where one is asked for, once in a process. */
    private static final class Drawn {
        private static final long SEED = Math.floorMod(System.nanoTime(), BOUND);
    }

    /** What a person is told of a case that failed. */
    String failure(long seed, String count) {
        return "%s#%s failed with seed %d. This repeats the case:%n  %s"
                .formatted(simpleName(), method, seed, command(seed, count));
    }

    private String command(long seed, String count) {
        String test = simpleName() + "#" + method;
        String run = testClass.startsWith("flows.")
                ? "mvn -B verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=" + test
                : "mvn -B test -Dtest=" + test;
        return run + " -D" + SEED + "=" + seed
                + new TreeSet<>(properties.stringPropertyNames())
                        .stream()
                                .filter(name -> name.startsWith("sink."))
                                .filter(name -> !name.equals(SEED) && !name.equals(HOME) && !name.equals(count))
                                .map(name -> " -D" + name + "=" + properties.getProperty(name))
                                .collect(Collectors.joining());
    }

    private String simpleName() {
        return testClass.substring(testClass.lastIndexOf('.') + 1);
    }
}
