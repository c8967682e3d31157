package io.etcdaws;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The directions in which packages may know each other. */
@AnalyzeClasses(packages = "io.etcdaws", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule MEMBERSHIP_IS_PURE = classes()
            .that()
            .resideInAPackage("io.etcdaws.membership")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.etcdaws.membership", "java..", "org.jspecify.annotations")
            .andShould()
            .onlyAccessClassesThat()
            .doNotHaveFullyQualifiedName("java.time.Clock");

    @ArchTest
    static final ArchRule THE_EDGES_KNOW_MEMBERSHIP_AND_NOT_EACH_OTHER_AWS = edge("aws");

    @ArchTest
    static final ArchRule THE_EDGES_KNOW_MEMBERSHIP_AND_NOT_EACH_OTHER_ETCD = edge("etcd");

    @ArchTest
    static final ArchRule THE_EDGES_KNOW_MEMBERSHIP_AND_NOT_EACH_OTHER_PEERSFILE = edge("peersfile");

    @ArchTest
    static final ArchRule MANAGEMENT_TELLS_OF_ROUNDS_AND_ETCD =
            knowsOnly("management", "membership", "etcd", "reconcile");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_KNOWS_MANAGEMENT = noClasses()
            .that()
            .resideOutsideOfPackages("io.etcdaws.management", "io.etcdaws.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.etcdaws.management");

    private static ArchRule edge(String name) {
        return knowsOnly(name, "membership");
    }

    private static ArchRule knowsOnly(String name, String... others) {
        String own = "io.etcdaws." + name;
        Set<String> known = Stream.concat(Stream.of(name), Stream.of(others))
                .map(each -> "io.etcdaws." + each)
                .collect(Collectors.toSet());
        return classes()
                .that()
                .resideInAPackage(own)
                .should()
                .onlyDependOnClassesThat(new DescribedPredicate<>("in one of " + known) {
                    @Override
                    public boolean test(JavaClass used) {
                        String home = used.getPackageName();
                        return !home.startsWith("io.etcdaws") || known.contains(home);
                    }
                });
    }

    @ArchTest
    static final ArchRule THE_SANDBOX_USES_THE_PROGRAM_FROM_OUTSIDE = knowsOnly("sandbox", "sandbox.aws");

    @ArchTest
    static final ArchRule THE_EMULATED_AWS_KNOWS_NOBODY = knowsOnly("sandbox.aws");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_KNOWS_THE_SANDBOX = noClasses()
            .that()
            .resideOutsideOfPackages("io.etcdaws.sandbox..", "io.etcdaws.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.etcdaws.sandbox..");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_THE_COMMAND_LINE = noClasses()
            .that()
            .resideOutsideOfPackage("io.etcdaws.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.etcdaws.cli");

    @ArchTest
    static final ArchRule ONLY_THE_SETTINGS_READ_CONFIGURATION = noClasses()
            .that()
            .resideOutsideOfPackage("io.etcdaws.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.typesafe.config..");
}
