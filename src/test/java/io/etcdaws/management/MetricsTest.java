package io.etcdaws.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.etcd.Credentials.Expiry;
import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.Rule;
import io.etcdaws.reconcile.Audit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final HandClock clock = new HandClock();
    private final Metrics metrics = new Metrics(clock, "1.2.3");

    @Test
    void allOfThemAreThereFromTheStart() {
        Map<String, Double> samples = scrape();
        assertEquals(0, samples.get("etcd_aws_rounds_total{result=\"failed\"}"));
        assertEquals(0, samples.get("etcd_aws_decisions_total{rule=\"7h\"}"));
        assertEquals(0, samples.get("etcd_aws_round_duration_seconds_count"));
        assertEquals(0, samples.get("etcd_aws_members{role=\"voter\",state=\"healthy\"}"));
        assertEquals(0, samples.get("etcd_aws_peers{seen=\"holds_data\"}"));
        assertEquals(0, samples.get("etcd_aws_condition{kind=\"even_voters\"}"));
        assertEquals(0, samples.get("etcd_aws_membership_changes_total{kind=\"promote\",outcome=\"uncertain\"}"));
        assertEquals(0, samples.get("etcd_aws_ready"));
        assertEquals(1, samples.get("etcd_aws_build_info{version=\"1.2.3\"}"));
    }

    @Test
    void countsRoundsByWhatCameOfThemAndDecisionsByRule() {
        metrics.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        metrics.ended(Sights.round(2, Sights.healthy(), Sights.refusal()));
        metrics.ended(Sights.round(
                3, Sights.healthy(), new Wait("a while", Until.TIME_PASSES, "", Sights.reason(Rule.JOIN))));
        metrics.ended(Sights.failed(4));
        metrics.ended(Sights.failed(5));
        Map<String, Double> samples = scrape();
        assertEquals(1, samples.get("etcd_aws_rounds_total{result=\"converged\"}"));
        assertEquals(1, samples.get("etcd_aws_rounds_total{result=\"refused\"}"));
        assertEquals(1, samples.get("etcd_aws_rounds_total{result=\"waiting\"}"));
        assertEquals(2, samples.get("etcd_aws_rounds_total{result=\"failed\"}"));
        assertEquals(1, samples.get("etcd_aws_decisions_total{rule=\"5b\"}"));
        assertEquals(5, samples.get("etcd_aws_round_duration_seconds_count"));
        assertEquals(10, samples.get("etcd_aws_round_duration_seconds_sum"));
        assertEquals(0, samples.get("etcd_aws_round_duration_seconds_bucket{le=\"1.0\"}"));
        assertEquals(5, samples.get("etcd_aws_round_duration_seconds_bucket{le=\"2.5\"}"));
    }

    @Test
    void countsMembersAndPeersAsTheLastObservationSawThem() {
        metrics.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        Map<String, Double> samples = scrape();
        assertEquals(2, samples.get("etcd_aws_members{role=\"voter\",state=\"healthy\"}"));
        assertEquals(1, samples.get("etcd_aws_members{role=\"voter\",state=\"unhealthy\"}"));
        assertEquals(1, samples.get("etcd_aws_members{role=\"learner\",state=\"unstarted\"}"));
        assertEquals(2, samples.get("etcd_aws_peers{seen=\"serving\"}"));
        assertEquals(1, samples.get("etcd_aws_peers{seen=\"silent\"}"));
        assertEquals(1, samples.get("etcd_aws_peers{seen=\"not_serving\"}"));
        metrics.ended(Sights.failed(2));
        assertEquals(1, scrape().get("etcd_aws_peers{seen=\"silent\"}"));
    }

    @Test
    void nothingStaysOfWhatIsGone() {
        metrics.certificates(List.of(new Expiry("/etc/old.pem", Instant.ofEpochSecond(7))));
        metrics.ended(Sights.round(
                1,
                Sights.healthy(),
                Sights.converged(),
                new Condition(Condition.Kind.FEW_ZONES, "one zone", "use two"),
                new Condition(Condition.Kind.FEW_ZONES, "the same", "use two")));
        assertEquals(1, scrape().get("etcd_aws_condition{kind=\"few_zones\"}"));
        Observation alone = Sights.observation(
                "InService", Optional.empty(), Map.of(Sights.address(1), new PeerState.NotServing()));
        metrics.ended(Sights.round(2, alone, Sights.refusal()));
        metrics.certificates(List.of());
        Map<String, Double> samples = scrape();
        assertEquals(0, samples.get("etcd_aws_condition{kind=\"few_zones\"}"));
        assertEquals(0, samples.get("etcd_aws_members{role=\"voter\",state=\"healthy\"}"));
        assertEquals(0, samples.get("etcd_aws_peers{seen=\"silent\"}"));
        assertFalse(samples.containsKey("etcd_aws_certificate_expiry_timestamp_seconds{file=\"/etc/old.pem\"}"));
    }

    @Test
    void tellsTheFirstExpiryOfEachFileWhateverItsName() {
        metrics.certificates(List.of(
                new Expiry("/etc/ca.pem", Instant.ofEpochSecond(2_000_000_000)),
                new Expiry("/etc/ca.pem", Instant.ofEpochSecond(1_900_000_000)),
                new Expiry("/etc/\"odd\\ name\n.pem", Instant.ofEpochSecond(5))));
        Map<String, Double> samples = scrape();
        assertEquals(1.9e9, samples.get("etcd_aws_certificate_expiry_timestamp_seconds{file=\"/etc/ca.pem\"}"));
        assertEquals(
                5, samples.get("etcd_aws_certificate_expiry_timestamp_seconds{file=\"/etc/\\\"odd\\\\ name\\n.pem\"}"));
    }

    @Test
    void theTimeSinceConvergedIsThatOfTheScrape() {
        clock.forward(Duration.ofSeconds(10));
        assertEquals(10, scrape().get("etcd_aws_since_converged_seconds"));
        metrics.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        metrics.ended(Sights.failed(2));
        clock.forward(Duration.ofSeconds(5));
        assertEquals(13, scrape().get("etcd_aws_since_converged_seconds"));
    }

    @Test
    void countsCallsOfAwsAndChangesOfTheMembership() {
        metrics.awsCall("ec2:DescribeInstances", "ok");
        metrics.awsCall("ec2:DescribeInstances", "throttled");
        metrics.awsCall("ec2:DescribeInstances", "ok");
        metrics.changed(audit("refused: etcd says so"));
        metrics.changed(audit("changed: made"));
        metrics.changed(audit("i-0000000a said something else"));
        Map<String, Double> samples = scrape();
        assertEquals(2, samples.get("etcd_aws_aws_calls_total{action=\"ec2:DescribeInstances\",outcome=\"ok\"}"));
        assertEquals(1, samples.get("etcd_aws_membership_changes_total{kind=\"remove\",outcome=\"refused\"}"));
        assertEquals(1, samples.get("etcd_aws_membership_changes_total{kind=\"remove\",outcome=\"changed\"}"));
        assertEquals(1, samples.get("etcd_aws_membership_changes_total{kind=\"remove\",outcome=\"other\"}"));
    }

    @Test
    void tellsWhetherThisNodeIsReadyAndLeads() {
        Map<String, Double> samples = PrometheusText.parse(metrics.text(true, true));
        assertEquals(1, samples.get("etcd_aws_ready"));
        assertEquals(1, samples.get("etcd_aws_leader"));
        assertEquals(0, scrape().get("etcd_aws_leader"));
    }

    @Test
    void theCheckOfTheFormatIsStrict() {
        String metric = "# HELP etcd_aws_x Some.\n# TYPE etcd_aws_x gauge\n";
        assertEquals(
                Map.of("etcd_aws_x{a=\"1\",b=\"2\"}", 3.0),
                PrometheusText.parse(metric + "etcd_aws_x{b=\"2\",a=\"1\"} 3\n"));
        for (String wrong : List.of(
                metric + "etcd_aws_x 1",
                metric + "etcd_aws_x 1\netcd_aws_x 2\n",
                metric + "etcd_aws_y 1\n",
                metric + "etcd_aws_x{a=\"1\" 1\n",
                metric + "etcd_aws_x{a=\"\\q\"} 1\n",
                metric + "etcd_aws_x one\n",
                metric + metric,
                "etcd_aws_x 1\n",
                "# HELP etcd_aws_x Some.\n# TYPE etcd_aws_x counter\netcd_aws_x 1\n")) {
            assertThrows(AssertionError.class, () -> PrometheusText.parse(wrong), wrong);
        }
        assertTrue(metrics.text(false, false).startsWith("# HELP etcd_aws_"));
    }

    private static Audit audit(String outcome) {
        return new Audit(
                Sights.T0,
                Sights.SELF,
                new Remove(Sights.MEMBERS.get(2)),
                Sights.MEMBERS,
                Sights.MEMBERS.subList(0, 2),
                Rule.REMOVE,
                "it is over",
                List.of(),
                outcome);
    }

    private Map<String, Double> scrape() {
        return PrometheusText.parse(metrics.text(false, false));
    }
}
