package io.etcdaws.simulation;

import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** How bad things are at the moment for questions and answers: how long they take, how often they fail, how old they are. */
final class Weather {
    private static final long REMEMBERED = 60_000;

    private final RandomGenerator random;
    private long liedAt = Long.MIN_VALUE / 2;

    /** Of a hundred messages to etcd, how many are lost. */
    int lost;

    /** Of a hundred messages to etcd, how many take seconds. */
    int slow;

    /** Of a hundred calls to AWS, how many fail. */
    int awsFailing;

    /** Of a hundred answers about the group, how many lack instances. */
    int awsPartial;

    /** Whether AWS gives one instance the address of another. */
    boolean awsMixes;

    /** How old answers of AWS may be, in milliseconds. */
    long awsLag;

    Weather(RandomGenerator random) {
        this.random = random;
    }

    /** Whether AWS has told the truth for a minute, as far as it knew. */
    boolean awsIsHonest(long now) {
        return awsPartial == 0 && awsLag == 0 && !awsMixes && now - liedAt >= REMEMBERED;
    }

    /** AWS's answers at that moment are not to be believed; remembered for longer than anybody acts on them. */
    void lies(long now) {
        liedAt = now;
    }

    void clear() {
        lost = 0;
        slow = 0;
        awsFailing = 0;
        awsPartial = 0;
        awsMixes = false;
        awsLag = 0;
    }

    boolean loses() {
        return happens(lost);
    }

    boolean awsFails() {
        return happens(awsFailing);
    }

    /** How long a message to etcd takes, in milliseconds. */
    long way() {
        return happens(slow) ? 200 + random.nextLong(2_800) : 1 + random.nextLong(8);
    }

    /** How long a call to AWS takes. */
    long awsWay() {
        return 20 + random.nextLong(150);
    }

    /** How old the answer is that AWS gives now. */
    long awsAge() {
        return awsLag == 0 ? 0 : random.nextLong(awsLag);
    }

    /** The group as AWS tells it this time. */
    Group tell(Group group) {
        return inPart(awsMixes && group.expected().size() > 1 ? mixed(group) : group);
    }

    /** The second of the expected instances has the address of the first. */
    private static Group mixed(Group group) {
        List<Instance> instances = new ArrayList<>(group.instances());
        Instance one = group.expected().get(1);
        instances.set(
                instances.indexOf(one),
                new Instance(
                        one.id(),
                        one.lifecycle(),
                        one.state(),
                        group.expected().get(0).address(),
                        one.aliases(),
                        one.zone()));
        return new Group(group.name(), group.desiredCapacity(), instances, group.clusterMark());
    }

    private Group inPart(Group group) {
        if (!happens(awsPartial)) {
            return group;
        }
        List<Instance> some = new ArrayList<>();
        for (Instance instance : group.instances()) {
            if (random.nextInt(2) == 0) {
                some.add(instance);
            }
        }
        return new Group(group.name(), group.desiredCapacity(), some, group.clusterMark());
    }

    private boolean happens(int percent) {
        return percent > 0 && random.nextInt(100) < percent;
    }
}
