package io.etcdaws.membership;

import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WriteMark;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.InitialCluster.Entry;
import io.etcdaws.membership.InitialCluster.State;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.SmallWorlds.World;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What must hold of every decision in every world. Worked out anew from what was seen, with none of the helpers that the
 * rules use.
 */
enum Invariants {
    NOBODY_IS_REMOVED_WHO_SERVES_REJECTS_OR_HOLDS_DATA {
        @Override
        boolean holds(World world, Decision decision) {
            // A node that is told of its end removes itself, and a learner that expires has no vote to lose.
            if (decision.reason().rule() == Rule.LEAVE || decision.reason().rule() == Rule.EXPIRE) {
                return true;
            }
            return removed(decision)
                    .map(member -> statesOf(member, world)
                            .allMatch(state -> state instanceof NotServing
                                    || state instanceof Silent
                                    || (state instanceof Serving serving
                                            && !(serving.self().equals(member.id())
                                                    && serving.cluster().equals(basis(decision))))))
                    .orElse(true);
        }
    },
    NO_REMOVAL_LEAVES_THE_HEALTHY_BELOW_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            return removed(decision)
                    .map(member -> {
                        List<Member> left = world.members().stream()
                                .filter(other -> !other.learner() && !other.equals(member))
                                .toList();
                        return 2 * healthy(left, world, decision) > left.size();
                    })
                    .orElse(true);
        }
    },
    NO_REMOVAL_WITHOUT_PROOF_THAT_THE_INSTANCE_IS_OVER {
        @Override
        boolean holds(World world, Decision decision) {
            if (Set.of(Rule.REPLACE, Rule.LEAVE, Rule.EXPIRE)
                    .contains(decision.reason().rule())) {
                return true;
            }
            return removed(decision)
                    .map(member -> world.observation().sightings().get(member.id()))
                    .map(sighting -> {
                        Duration lasting = Duration.between(sighting.since(), sighting.lastRead());
                        boolean confirmed = sighting.reads() >= 2 && lasting.toSeconds() >= 10;
                        boolean settled = sighting.reads() >= 2 && lasting.toSeconds() >= 60;
                        return switch (sighting.state()) {
                            case TERMINATED, SHUTTING_DOWN -> true;
                            case NOT_FOUND ->
                                !sighting.inGroup() && (sighting.instance().isPresent() ? confirmed : settled);
                            case STOPPED, STOPPING -> settled;
                            case RUNNING, PENDING -> settled && !sighting.inGroup();
                        };
                    })
                    .orElse(true);
        }
    },
    NO_FOREIGN_MEMBER_IS_REMOVED {
        @Override
        boolean holds(World world, Decision decision) {
            return decision.reason().rule() == Rule.REPLACE
                    || decision.reason().rule() == Rule.LEAVE
                    || removed(decision)
                            .map(member -> member.name().isEmpty()
                                    || member.name().startsWith("i-")
                                    || Optional.ofNullable(world.observation()
                                                    .sightings()
                                                    .get(member.id()))
                                            .flatMap(Sighting::instance)
                                            .isPresent())
                            .orElse(true);
        }
    },
    ONLY_AN_EMPTY_DIRECTORY_WITHOUT_ETCD_IS_REPLACED {
        @Override
        boolean holds(World world, Decision decision) {
            return decision.reason().rule() != Rule.REPLACE
                    || decision instanceof Wait
                    || (world.observation().dataDirectory() == DataDirectory.EMPTY
                            && here(world) instanceof NotServing
                            && removed(decision)
                                    .filter(member -> isSelf(member, world))
                                    .isPresent());
        }
    },
    NO_ADDITION_LEAVES_THE_HEALTHY_BELOW_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            if (!(change(decision) instanceof Add add) || add.learner()) {
                return true;
            }
            List<Member> voters = world.members().stream().filter(Member::voter).toList();
            boolean asked = world.policy().joinAs() == JoinAs.VOTER && voters.size() == 1;
            return asked || 2 * healthy(voters, world, decision) > voters.size() + 1;
        }
    },
    NO_PROMOTION_LEAVES_THE_HEALTHY_BELOW_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            if (!(change(decision) instanceof Promote promote)) {
                return true;
            }
            List<Member> voters = world.members().stream()
                    .filter(member -> member.voter() || member.equals(promote.member()))
                    .toList();
            return healthy(List.of(promote.member()), world, decision) == 1
                    && 2 * healthy(voters, world, decision) > voters.size();
        }
    },
    ONLY_THIS_NODE_IS_ADDED_AND_ONLY_IF_IT_CAN_JOIN {
        @Override
        boolean holds(World world, Decision decision) {
            Observation seen = world.observation();
            return !(change(decision) instanceof Add add)
                    || (add.peerUrl().host().equals(seen.self().address())
                            && seen.dataDirectory() != DataDirectory.HOLDS_DATA
                            && (here(world) instanceof NotServing || here(world) instanceof Silent)
                            && world.members().stream().noneMatch(member -> isSelf(member, world))
                            && world.members().stream().allMatch(Member::started)
                            && expected(world).stream()
                                    .anyMatch(instance ->
                                            instance.id().equals(seen.self().id())));
        }
    },
    CHANGES_ARE_MADE_TO_THE_ONE_CLUSTER_WITH_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            return !(decision instanceof ChangeMembership change)
                    || (serving(world).equals(Set.of(change.basis().id()))
                            && new HashSet<>(change.basis().members()).equals(new HashSet<>(world.members())));
        }
    },
    ONLY_A_NODE_THAT_IS_TOLD_OF_ITS_END_LEAVES_AND_ONLY_ITSELF {
        @Override
        boolean holds(World world, Decision decision) {
            Optional<Notice.Kind> told = notice(world);
            Optional<Member> removed = removed(decision);
            if (decision.reason().rule() != Rule.LEAVE) {
                return decision.reason().rule() == Rule.REPLACE
                        || removed.filter(member -> isSelf(member, world)).isEmpty();
            }
            boolean spare = told.filter(Notice.Kind.AT_RISK::equals).isEmpty()
                    || healthyOfGroupWithoutSelf(world, decision)
                            >= world.observation().group().desiredCapacity();
            return staying(world) && told.isPresent() && (removed.isEmpty() || (isSelf(removed.get(), world) && spare));
        }

        private long healthyOfGroupWithoutSelf(World world, Decision decision) {
            List<Member> others = world.members().stream()
                    .filter(member -> !member.learner() && !isSelf(member, world))
                    .filter(member -> expected(world).stream()
                            .anyMatch(instance -> instance.id().value().equals(member.name())
                                    || instance.address().filter(member::isAt).isPresent()))
                    .toList();
            return healthy(others, world, decision);
        }
    },
    A_NODE_THAT_ENDS_ONLY_LEAVES {
        @Override
        boolean holds(World world, Decision decision) {
            boolean ends = staying(world)
                    && notice(world).filter(kind -> kind != Notice.Kind.AT_RISK).isPresent();
            return !ends
                    || (decision.reason().rule() == Rule.LEAVE
                            && file(decision).isEmpty()
                            && !(change(decision) instanceof Add));
        }
    },
    A_GROUP_THAT_IS_TAKEN_DOWN_LOSES_NO_MEMBER_THAT_LEAVES {
        @Override
        boolean holds(World world, Decision decision) {
            return world.observation().group().desiredCapacity() > 0
                    || decision.reason().rule() != Rule.LEAVE
                    || decision instanceof CompleteLifecycle
                    || decision instanceof Wait;
        }
    },
    ONLY_LEARNERS_WITHOUT_PROGRESS_OR_IN_THE_WAY_OF_THE_GROUP_EXPIRE {
        @Override
        boolean holds(World world, Decision decision) {
            return decision.reason().rule() != Rule.EXPIRE
                    || affected(decision).isEmpty()
                    || affected(decision)
                            .filter(Member::learner)
                            .filter(learner -> withoutProgress(learner, world) || inTheWay(learner, world))
                            .isPresent();
        }

        private boolean withoutProgress(Member learner, World world) {
            return !inStep(learner, world)
                    && Optional.ofNullable(world.observation()
                                    .continuity()
                                    .learnersIdleSince()
                                    .get(learner.id()))
                            .filter(since ->
                                    Duration.between(since, world.observation().now())
                                                    .toMinutes()
                                            >= 5)
                            .isPresent();
        }
    },
    NOBODY_JOINS_WHILE_MEMBERS_OF_ANOTHER_CLUSTER_ARE_IN_THE_GROUP {
        @Override
        boolean holds(World world, Decision decision) {
            Set<ClusterId> clusters = new HashSet<>();
            world.observation().group().instances().stream()
                    .flatMap(instance -> instance.address().stream())
                    .map(world.observation().peers()::get)
                    .forEach(state -> {
                        if (state instanceof Serving serving) {
                            clusters.add(serving.cluster());
                        } else if (state instanceof HoldsData data) {
                            clusters.add(data.cluster());
                        }
                    });
            return !(change(decision) instanceof Add) || clusters.size() == 1;
        }
    },
    A_LEARNER_OUTSIDE_THE_GROUP_HOLDS_NOBODY_UP {
        @Override
        boolean holds(World world, Decision decision) {
            List<Member> voters = world.members().stream().filter(Member::voter).toList();
            boolean quorum = 2
                            * voters.stream()
                                    .filter(voter -> healthyHere(voter, world))
                                    .count()
                    > voters.size();
            return !quorum
                    || !Set.of(Rule.PEER_URL, Rule.CONVERGED)
                            .contains(decision.reason().rule())
                    || world.members().stream()
                            .noneMatch(member -> member.learner() && !isSelf(member, world) && inTheWay(member, world));
        }
    },
    BEFORE_ALL_OTHER_UPKEEP_THE_LEADERS_NODE_MARKS_THE_GROUP {
        @Override
        boolean holds(World world, Decision decision) {
            boolean leads = here(world) instanceof Serving serving
                    && firstLeader(world).equals(Optional.of(serving.self()))
                    && selfIsExpected(world);
            boolean unmarked = world.observation().group().clusterMark().isEmpty()
                    && !world.observation().continuity().markRefused();
            return !leads
                    || !unmarked
                    || !Set.of(Rule.REMOVE, Rule.PROMOTE, Rule.EXPIRE, Rule.PEER_URL, Rule.CONVERGED)
                            .contains(decision.reason().rule());
        }
    },
    ONLY_LEARNERS_IN_STEP_OF_EXPECTED_INSTANCES_ARE_PROMOTED {
        @Override
        boolean holds(World world, Decision decision) {
            return decision.reason().rule() != Rule.PROMOTE
                    || affected(decision).isEmpty()
                    || affected(decision)
                            .filter(Member::learner)
                            .filter(learner -> inStep(learner, world))
                            .filter(learner -> expected(world).stream()
                                    .anyMatch(instance -> instance.id().value().equals(learner.name())))
                            .isPresent();
        }
    },
    NO_CORRECTION_LEAVES_THE_OTHERS_BELOW_QUORUM_OR_GIVES_A_VOTE {
        @Override
        boolean holds(World world, Decision decision) {
            if (!(change(decision) instanceof Update update)) {
                return true;
            }
            List<Member> voters =
                    world.members().stream().filter(member -> !member.learner()).toList();
            List<Member> others = voters.stream()
                    .filter(member -> !member.equals(update.member()))
                    .toList();
            boolean answersThere =
                    world.observation().peers().get(update.peerUrl().host()) instanceof Serving serving
                            && serving.self().equals(update.member().id())
                            && serving.cluster().equals(basis(decision));
            return !update.member().learner() && answersThere && 2 * healthy(others, world, decision) > voters.size();
        }
    },
    UPKEEP_IS_DONE_IN_TURN_BY_NODES_THAT_THE_GROUP_EXPECTS {
        @Override
        boolean holds(World world, Decision decision) {
            boolean upkeep = staying(world)
                    && world.observation().continuity().settled()
                    && world.members().stream().anyMatch(member -> isSelf(member, world) && member.started())
                    && here(world) instanceof Serving;
            if (!upkeep || decision.reason().rule() == Rule.LEAVE) {
                return true;
            }
            if (decision instanceof WriteMark) {
                return selfIsExpected(world)
                        && ((here(world) instanceof Serving serving && serving.leads())
                                || (world.observation().group().clusterMark().isEmpty()
                                        && patient(
                                                world.observation().continuity().unmarkedSince(),
                                                world,
                                                firstLeader(world))));
            }
            return !(decision instanceof ChangeMembership change)
                    || (selfIsExpected(world)
                            && ((here(world) instanceof Serving serving && serving.leads())
                                    || takesOver(world, change)));
        }

        private boolean takesOver(World world, ChangeMembership change) {
            Optional<Instant> since = world.observation()
                    .continuity()
                    .overdue()
                    .filter(overdue -> overdue.change().equals(change.change()))
                    .map(Continuity.Overdue::since);
            return patient(since, world, change.basis().leader());
        }

        /** Whether all who come before this node have had their time. */
        private boolean patient(Optional<Instant> since, World world, Optional<MemberId> leader) {
            long before = world.members().stream()
                    .filter(member -> healthyHere(member, world))
                    .filter(member -> hasExpectedInstance(member, world))
                    .filter(member -> leader.filter(member.id()::equals).isPresent() || isBefore(member, world))
                    .count();
            return before == 0
                    || since.filter(due ->
                                    Duration.between(due, world.observation().now())
                                                    .toSeconds()
                                            >= 10 * before)
                            .isPresent();
        }

        private boolean hasExpectedInstance(Member member, World world) {
            return expected(world).stream().anyMatch(instance -> isOf(member, instance));
        }

        private boolean isOf(Member member, Instance instance) {
            return member.name().equals(instance.id().value())
                    || (!member.name().startsWith("i-")
                            && member.peerUrls().stream().anyMatch(url -> instance.isAt(url.host())));
        }

        private boolean isBefore(Member member, World world) {
            Member self = world.members().stream()
                    .filter(other -> isSelf(other, world))
                    .findFirst()
                    .orElseThrow();
            return self.learner()
                    ? !member.learner() || member.id().compareTo(self.id()) < 0
                    : !member.learner() && member.id().compareTo(self.id()) < 0;
        }
    },
    WHAT_HAS_CONVERGED_IS_LEFT_ALONE {
        @Override
        boolean holds(World world, Decision decision) {
            return !converged(world)
                    || !(decision instanceof ChangeMembership || decision instanceof LeaveToOther)
                    || decision.reason().rule() == Rule.LEAVE;
        }
    },
    CONVERGED_MEANS_THAT_THE_VOTERS_ARE_HEALTHY_AND_ALL_EXPECTED_ARE_MEMBERS {
        @Override
        boolean holds(World world, Decision decision) {
            return !(decision instanceof Converged)
                    || (world.members().stream().filter(Member::voter).allMatch(member -> healthyHere(member, world))
                            && expected(world).stream().allMatch(instance -> listed(instance, world)));
        }
    },
    NOTHING_IS_DONE_ON_A_LOSS_THAT_IS_NOT_CONFIRMED {
        @Override
        boolean holds(World world, Decision decision) {
            Continuity known = world.observation().continuity();
            return known.lost().isEmpty()
                    || !known.settled()
                    || (decision instanceof Wait wait && wait.reason().rule() == Rule.GROUP_LOSS)
                    || (decision instanceof Refuse refuse && refuse.reason().rule() == Rule.SEVERAL);
        }
    },
    A_MARK_IS_OVERWRITTEN_ONLY_AT_THE_OPERATORS_WORD {
        @Override
        boolean holds(World world, Decision decision) {
            return !(decision instanceof WriteMark write)
                    || (serving(world).equals(Set.of(write.cluster()))
                            && (world.observation().group().clusterMark().isEmpty()
                                    || (world.policy().forceNewCluster()
                                            && world.members().stream()
                                                    .filter(Member::voter)
                                                    .allMatch(member -> healthyHere(member, world)))));
        }
    },
    LEADERSHIP_IS_HANDED_OVER_ONLY_BY_A_LEADER_THAT_MAY_END_AND_TO_A_HEALTHY_VOTER {
        @Override
        boolean holds(World world, Decision decision) {
            return !(decision instanceof MoveLeadership move)
                    || (staying(world)
                            && notice(world).isPresent()
                            && (notice(world).get() != Notice.Kind.AT_RISK
                                    || !world.observation().continuity().handedOver())
                            && here(world) instanceof Serving serving
                            && serving.leads()
                            && move.to().voter()
                            && !isSelf(move.to(), world)
                            && healthyHere(move.to(), world));
        }
    },
    A_TRANSITION_IS_COMPLETED_ONLY_WHERE_A_HOOK_HOLDS_THIS_INSTANCE_AND_ITS_MEMBER_IS_AS_IT_SHOULD_BE {
        @Override
        boolean holds(World world, Decision decision) {
            if (decision instanceof HoldLifecycle) {
                return lifecycle(world).equals("Terminating:Wait")
                        && notice(world).isPresent();
            }
            if (!(decision instanceof CompleteLifecycle complete)) {
                return true;
            }
            boolean member = world.members().stream().anyMatch(listed -> isSelf(listed, world));
            boolean healthyVoter = world.members().stream()
                    .anyMatch(listed -> isSelf(listed, world) && listed.voter() && healthyHere(listed, world));
            return complete.transition() == Transition.LAUNCHING
                    ? (lifecycle(world).equals("Pending:Wait") && healthyVoter)
                            || (lifecycle(world).equals("Warmed:Pending:Wait")
                                    && world.observation().dataDirectory() != DataDirectory.HOLDS_DATA)
                    : lifecycle(world).equals("Terminating:Wait")
                            && notice(world).isPresent()
                            && (world.observation().group().desiredCapacity() == 0
                                    || serving(world).isEmpty()
                                    || !member);
        }

        private String lifecycle(World world) {
            Observation seen = world.observation();
            return seen.group()
                    .find(seen.self().id())
                    .flatMap(Instance::lifecycle)
                    .map(LifecycleState::apiName)
                    .orElse("");
        }
    },
    ONLY_THE_PERIODIC_MODE_KEEPS_A_CLUSTER_UP {
        @Override
        boolean holds(World world, Decision decision) {
            boolean oneShot = decision instanceof WritePeersFile
                    || decision instanceof KeepPeersFile
                    || decision instanceof ChangeMembership
                    || decision instanceof Wait
                    || decision instanceof Refuse;
            return staying(world)
                    || (oneShot && !decision.reason().rule().number().startsWith("7"));
        }
    },
    BEFORE_IT_HAS_SETTLED_A_NODE_DECIDES_AS_THE_ONE_SHOT_MODE_DOES {
        @Override
        boolean holds(World world, Decision decision) {
            if (!staying(world)
                    || world.observation().continuity().settled()
                    || notice(world).isPresent()) {
                return true;
            }
            Decision once = Decider.decide(world.observation(), oneShot(world.policy()));
            // How a node joins is the one thing that differs: as a learner, and without promoting another.
            boolean joins = once.reason().rule() == Rule.JOIN;
            // And it tells the group to go on with an instance for the warm pool.
            if (decision instanceof CompleteLifecycle && decision.reason().rule() == Rule.LAUNCHED) {
                return !selfIsExpected(world);
            }
            return joins ? decision.reason().rule() == Rule.JOIN : once.equals(decision);
        }

        private Policy oneShot(Policy policy) {
            return new Policy(
                    policy.role(),
                    policy.joinAs(),
                    policy.stableMargin(),
                    policy.removeAfter(),
                    policy.confirmAfter(),
                    policy.peerScheme(),
                    policy.peerPort(),
                    policy.forceNewCluster(),
                    policy.clusterToken(),
                    Optional.empty());
        }
    },
    A_JOINING_NODE_OF_THE_PERIODIC_MODE_PROMOTES_NOBODY_AND_ASKS_FOR_NO_VOTE {
        @Override
        boolean holds(World world, Decision decision) {
            boolean joins = staying(world) && decision.reason().rule() == Rule.JOIN;
            boolean oneToldTheVersion =
                    world.members().stream().filter(Member::voter).anyMatch(member -> healthyHere(member, world));
            return !joins
                    || (!(change(decision) instanceof Promote)
                            && (!(change(decision) instanceof Add add) || add.learner() || !oneToldTheVersion));
        }
    },
    TWO_CLUSTERS_WITH_QUORUM_ARE_REFUSED_OR_WHO_ENDS_STAYS_FOR_THEM {
        @Override
        boolean holds(World world, Decision decision) {
            boolean ends = staying(world)
                    && notice(world).filter(kind -> kind != Notice.Kind.AT_RISK).isPresent();
            boolean takenDown = world.observation().group().desiredCapacity() == 0;
            return serving(world).size() < 2
                    || (ends
                            ? takenDown
                                    || decision instanceof HoldLifecycle
                                    || (decision instanceof Wait wait && wait.until() == Until.SAFE)
                            : decision instanceof Refuse);
        }
    },
    WHOEVER_HAS_SEEN_A_CLUSTER_FORMS_NO_OTHER {
        @Override
        boolean holds(World world, Decision decision) {
            return !forms(decision)
                    || !forms(Decider.decide(
                            world.observation()
                                    .with(havingSeenOne(world.observation().continuity())),
                            world.policy()));
        }

        private boolean forms(Decision decision) {
            return decision.reason().rule() == Rule.FORM && decision instanceof WritePeersFile;
        }

        private Continuity havingSeenOne(Continuity known) {
            return new Continuity(
                    known.settled(),
                    Optional.of(new ClusterId(0xc1)),
                    known.notice(),
                    known.lost(),
                    known.learnersIdleSince(),
                    known.overdue(),
                    known.unmarkedSince(),
                    known.markRefused(),
                    known.lifecycleHandled(),
                    known.handedOver());
        }
    },
    NEW_IS_WRITTEN_ONLY_BY_MEMBERS_OR_WHERE_NO_CLUSTER_CAN_BE {
        @Override
        boolean holds(World world, Decision decision) {
            if (file(decision).filter(file -> file.state() == State.NEW).isEmpty()) {
                return true;
            }
            Collection<PeerState> seen = world.observation().peers().values();
            boolean clusterKnown =
                    seen.stream().anyMatch(state -> state instanceof Serving || state instanceof HoldsData);
            if (clusterKnown) {
                return world.members().stream().anyMatch(member -> isSelf(member, world));
            }
            return mayForm(world) && (adopted(world, decision) || complete(world));
        }

        private boolean mayForm(World world) {
            boolean marked = world.observation().group().clusterMark().isPresent()
                    && !world.policy().forceNewCluster();
            return world.observation().dataDirectory() != DataDirectory.HOLDS_DATA && !marked;
        }

        private boolean adopted(World world, Decision decision) {
            return world.observation().peers().values().stream()
                    .anyMatch(state -> state instanceof PeerState.Forming forming
                            && urls(forming.members()).equals(urls(decision))
                            && forming.members().stream()
                                    .anyMatch(member -> member.isAt(
                                            world.observation().self().address())));
        }

        private boolean complete(World world) {
            Observation seen = world.observation();
            return expected(world).size() >= seen.group().desiredCapacity()
                    && seen.groupScans() >= 2
                    && Duration.between(seen.groupUnchangedSince(), seen.groupScannedAt())
                                    .toSeconds()
                            >= 5
                    && expected(world).stream()
                            .allMatch(instance ->
                                    instance.address().map(seen.peers()::get).orElseGet(() -> new Silent(""))
                                            instanceof NotServing)
                    && seen.peers().values().stream().noneMatch(PeerState.Forming.class::isInstance);
        }
    },
    ALL_NODES_THAT_SEE_THE_SAME_GROUP_FORM_THE_SAME_LIST {
        @Override
        boolean holds(World world, Decision decision) {
            boolean forms = decision.reason().rule() == Rule.FORM
                    && decision instanceof WritePeersFile
                    && world.observation().peers().values().stream().noneMatch(PeerState.Forming.class::isInstance);
            Set<String> ofGroup = expected(world).stream()
                    .map(instance -> instance.id() + "=http://"
                            + instance.address().map(Address::inUrl).orElse("?") + ":2380")
                    .collect(Collectors.toSet());
            return !forms
                    || entries(decision)
                            .map(Entry::toString)
                            .collect(Collectors.toSet())
                            .equals(ofGroup);
        }
    },
    MEMBERS_THAT_LOST_UNSEEN_DATA_CANNOT_FORM_A_CLUSTER_OF_THE_LIST {
        @Override
        boolean holds(World world, Decision decision) {
            boolean member = decision.reason().rule() == Rule.MEMBER
                    && world.observation().dataDirectory() == DataDirectory.UNKNOWN;
            long voters = world.members().stream().filter(Member::voter).count();
            long mayBeDown = world.members().size() - (voters / 2 + 1);
            return !member
                    || urls(decision).equals(urls(world.members()))
                    || 2 * mayBeDown <= urls(decision).size();
        }
    },
    EXISTING_LISTS_EXACTLY_THE_MEMBERS {
        @Override
        boolean holds(World world, Decision decision) {
            Observation seen = world.observation();
            boolean ofAnother = seen.continuity().settled()
                    && seen.dataDirectory() == DataDirectory.HOLDS_DATA
                    && decision instanceof Wait;
            boolean joins = decision.reason().rule() == Rule.LISTED && !ofAnother;
            return !joins || urls(decision).equals(urls(world.members()));
        }
    },
    EVERY_LIST_HOLDS_THIS_NODE_AND_EACH_NAME_AND_URL_ONCE {
        @Override
        boolean holds(World world, Decision decision) {
            Optional<InitialCluster> file = file(decision);
            boolean unique = entries(decision).map(Entry::name).distinct().count()
                            == entries(decision).count()
                    && urls(decision).size() == entries(decision).count();
            String self = world.observation().self().id().value();
            String url = "http://" + world.observation().self().address().inUrl() + ":2380";
            return file.isEmpty()
                    || (unique
                            && file.get().name().equals(self)
                            && (file.get().proxy()
                                    || entries(decision).anyMatch(entry -> entry.equals(new Entry(self, url)))));
        }
    },
    A_PROXY_CHANGES_NOTHING_AND_WRITES_NO_MEMBER_FILE {
        @Override
        boolean holds(World world, Decision decision) {
            boolean proxy = world.policy().role() == Role.PROXY;
            boolean proxyFile =
                    decision instanceof WritePeersFile write && write.content().proxy();
            return proxy ? proxyFile || decision instanceof Wait || decision instanceof Refuse : !proxyFile;
        }
    },
    DATA_ARE_RESTARTED_ON_AND_NEVER_OVERWRITTEN {
        @Override
        boolean holds(World world, Decision decision) {
            boolean data = world.observation().dataDirectory() == DataDirectory.HOLDS_DATA;
            return data
                    ? decision.reason().rule() != Rule.FORM && !(change(decision) instanceof Add)
                    : !(decision instanceof KeepPeersFile);
        }
    },
    A_WAIT_SAYS_FOR_WHAT_AND_HOW_OUT_OF_IT {
        @Override
        boolean holds(World world, Decision decision) {
            if (decision.reason().why().isBlank()) {
                return false;
            }
            if (decision instanceof Wait wait) {
                return !wait.waitingFor().isBlank()
                        && (wait.until() != Until.SAFE || !wait.wayOut().isBlank());
            }
            if (decision instanceof HoldLifecycle hold) {
                return !hold.waitingFor().isBlank() && !hold.wayOut().isBlank();
            }
            return !(decision instanceof Refuse refuse) || !refuse.wayOut().isBlank();
        }
    },
    A_WAIT_FOR_TIME_ENDS_WITH_TIME {
        private static final Duration LATER = Duration.ofMinutes(5);

        @Override
        boolean holds(World world, Decision decision) {
            return !waitsForTime(decision) || !waitsForTime(Decider.decide(later(world.observation()), world.policy()));
        }

        private boolean waitsForTime(Decision decision) {
            return decision instanceof Wait wait && wait.until() == Until.TIME_PASSES;
        }

        private Observation later(Observation seen) {
            Map<MemberId, Sighting> again = new HashMap<>();
            seen.sightings().forEach((id, one) -> again.put(id, later(one)));
            Map<InstanceId, Sighting> lost = new HashMap<>();
            seen.continuity().lost().forEach((id, one) -> lost.put(id, later(one)));
            return new Observation(
                    seen.now().plus(LATER),
                    seen.self(),
                    seen.group(),
                    seen.groupUnchangedSince(),
                    seen.groupScannedAt().plus(LATER),
                    seen.groupScans() + 9,
                    seen.dataDirectory(),
                    seen.peersFilePresent(),
                    seen.peers(),
                    again,
                    new Continuity(
                            seen.continuity().settled(),
                            seen.continuity().clusterSeen(),
                            seen.continuity().notice(),
                            lost,
                            seen.continuity().learnersIdleSince(),
                            seen.continuity().overdue(),
                            seen.continuity().unmarkedSince(),
                            seen.continuity().markRefused(),
                            seen.continuity().lifecycleHandled(),
                            seen.continuity().handedOver()));
        }

        private Sighting later(Sighting one) {
            return new Sighting(
                    one.instance(),
                    one.state(),
                    one.inGroup(),
                    one.since(),
                    one.lastRead().plus(LATER),
                    one.reads() + 9);
        }
    },
    THE_SAME_OBSERVATION_GIVES_THE_SAME_DECISION {
        @Override
        boolean holds(World world, Decision decision) {
            Observation seen = world.observation();
            List<Map.Entry<Address, PeerState>> reversed =
                    new ArrayList<>(seen.peers().entrySet());
            Collections.reverse(reversed);
            Map<Address, PeerState> peers = new LinkedHashMap<>();
            reversed.forEach(entry -> peers.put(entry.getKey(), entry.getValue()));
            Observation again = new Observation(
                    seen.now(),
                    seen.self(),
                    seen.group(),
                    seen.groupUnchangedSince(),
                    seen.groupScannedAt(),
                    seen.groupScans(),
                    seen.dataDirectory(),
                    seen.peersFilePresent(),
                    peers,
                    seen.sightings(),
                    seen.continuity());
            return Decider.decide(again, world.policy()).equals(decision);
        }
    };

    abstract boolean holds(World world, Decision decision);

    private static Optional<InitialCluster> file(Decision decision) {
        return Golden.content(decision);
    }

    private static boolean staying(World world) {
        return world.policy().staying().isPresent();
    }

    private static Optional<Notice.Kind> notice(World world) {
        return world.observation().continuity().notice().map(Notice::kind);
    }

    private static Optional<MemberId> firstLeader(World world) {
        return world.observation().peers().values().stream()
                .filter(state -> state instanceof Serving serving && serving.leads())
                .map(state -> ((Serving) state).self())
                .min(Comparator.naturalOrder());
    }

    private static boolean selfIsExpected(World world) {
        return expected(world).stream()
                .anyMatch(instance ->
                        instance.id().equals(world.observation().self().id()));
    }

    private static boolean listed(Instance instance, World world) {
        return world.members().stream()
                .anyMatch(member -> member.name().equals(instance.id().value())
                        || instance.address().filter(member::isAt).isPresent());
    }

    /** Whether nothing is left to do: each member is a healthy voter of an expected instance, and each of these has one. */
    private static boolean converged(World world) {
        return serving(world).size() == 1
                && world.members().stream().allMatch(member -> member.voter() && healthyHere(member, world))
                && expected(world).stream().allMatch(instance -> listed(instance, world))
                && world.members().size() == expected(world).size();
    }

    /** In the one cluster that has quorum. */
    private static boolean healthyHere(Member member, World world) {
        return statesOf(member, world)
                .anyMatch(state -> state instanceof Serving serving
                        && serving.healthy()
                        && serving.self().equals(member.id())
                        && serving(world).equals(Set.of(serving.cluster())));
    }

    /** Whether its instance has long been outside the group, while one of the group has no member. */
    private static boolean inTheWay(Member learner, World world) {
        Sighting sighting = world.observation().sightings().get(learner.id());
        return sighting != null
                && sighting.instance().isPresent()
                && !sighting.inGroup()
                && sighting.reads() >= 2
                && Duration.between(sighting.since(), sighting.lastRead()).toSeconds() >= 60
                && !expected(world).stream().allMatch(instance -> listed(instance, world));
    }

    private static boolean inStep(Member learner, World world) {
        long leader = world.observation().peers().values().stream()
                .filter(state -> state instanceof Serving serving && serving.leads())
                .mapToLong(state -> ((Serving) state).index())
                .max()
                .orElse(Long.MAX_VALUE);
        return statesOf(learner, world)
                .anyMatch(state -> state instanceof Serving serving
                        && serving.healthy()
                        && serving.self().equals(learner.id())
                        && serving.index() >= leader - 1_000);
    }

    /** Whom a removal or promotion concerns, whoever is to make it. */
    private static Optional<Member> affected(Decision decision) {
        Optional<MembershipChange> change =
                decision instanceof LeaveToOther left ? Optional.of(left.change()) : changed(decision);
        return change.flatMap(one -> one instanceof Remove remove
                ? Optional.of(remove.member())
                : one instanceof Promote promote ? Optional.of(promote.member()) : Optional.empty());
    }

    private static Stream<Entry> entries(Decision decision) {
        return file(decision).stream().flatMap(file -> file.entries().stream());
    }

    private static Set<String> urls(Decision decision) {
        return entries(decision).map(Entry::peerUrl).collect(Collectors.toSet());
    }

    private static Set<String> urls(List<Member> members) {
        return members.stream()
                .flatMap(member -> member.peerUrls().stream())
                .map(PeerUrl::text)
                .collect(Collectors.toSet());
    }

    private static Optional<MembershipChange> changed(Decision decision) {
        return decision instanceof ChangeMembership change ? Optional.of(change.change()) : Optional.empty();
    }

    /** The change, or something that is none. */
    private static Object change(Decision decision) {
        return changed(decision).<Object>map(change -> change).orElse("none");
    }

    private static Optional<Member> removed(Decision decision) {
        return changed(decision)
                .filter(Remove.class::isInstance)
                .map(Remove.class::cast)
                .map(Remove::member);
    }

    private static ClusterId basis(Decision decision) {
        return decision instanceof ChangeMembership change ? change.basis().id() : new ClusterId(0);
    }

    private static Stream<PeerState> statesOf(Member member, World world) {
        return member.peerUrls().stream()
                .map(url -> world.observation().peers().getOrDefault(url.host(), new Rejected("not asked")));
    }

    private static PeerState here(World world) {
        Address self = world.observation().self().address();
        return world.observation().peers().getOrDefault(self, new Rejected("not asked"));
    }

    private static boolean isSelf(Member member, World world) {
        Node self = world.observation().self();
        boolean otherInstance = member.name().startsWith("i-")
                && !member.name().equals(self.id().value());
        return member.isAt(self.address()) && !otherInstance;
    }

    private static long healthy(List<Member> members, World world, Decision decision) {
        return members.stream()
                .filter(member -> statesOf(member, world)
                        .anyMatch(state -> state instanceof Serving serving
                                && serving.healthy()
                                && serving.self().equals(member.id())
                                && serving.cluster().equals(basis(decision))))
                .count();
    }

    /** The clusters with quorum that answer at an address of the group; others are none of ours. */
    private static Set<ClusterId> serving(World world) {
        Observation seen = world.observation();
        Set<Address> ours = seen.group().instances().stream()
                .flatMap(instance -> instance.address().stream())
                .collect(Collectors.toSet());
        ours.add(seen.self().address());
        Set<ClusterId> answering = seen.peers().entrySet().stream()
                .filter(peer -> ours.contains(peer.getKey()))
                .flatMap(peer -> cluster(peer.getValue()).stream())
                .collect(Collectors.toSet());
        return seen.peers().values().stream()
                .filter(Serving.class::isInstance)
                .map(Serving.class::cast)
                .filter(Serving::healthy)
                .map(Serving::cluster)
                .filter(answering::contains)
                .collect(Collectors.toSet());
    }

    private static Optional<ClusterId> cluster(PeerState state) {
        if (state instanceof Serving serving) {
            return Optional.of(serving.cluster());
        }
        return state instanceof HoldsData data ? Optional.of(data.cluster()) : Optional.empty();
    }

    private static List<Instance> expected(World world) {
        Set<String> leavingOrNotYet = Set.of("Terminating:Wait", "Warmed:Running", "Warmed:Pending:Wait");
        return world.observation().group().instances().stream()
                .filter(instance -> instance.state() != InstanceState.TERMINATED)
                .filter(instance -> instance.lifecycle()
                        .filter(state -> !leavingOrNotYet.contains(state.apiName()))
                        .isPresent())
                .toList();
    }
}
