package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Command.Deed;
import io.etcdaws.sandbox.Command.OnNode;
import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.aws.Cloud;
import io.etcdaws.sandbox.aws.CloudInstance;
import io.etcdaws.sandbox.aws.Refusal;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Carries out commands. */
final class Operator {
    /** How many lines of each log are shown. */
    private static final int LOG_LINES = 12;

    private final Cloud cloud;
    private final Machines machines;
    private final Network network;
    private final Terminal terminal;
    private final String greeting;

    /**
     * One who does what is asked.
     *
     * @param greeting what there is besides the nodes, which help tells again
     */
    Operator(Cloud cloud, Machines machines, Network network, Terminal terminal, String greeting) {
        this.cloud = cloud;
        this.machines = machines;
        this.network = network;
        this.terminal = terminal;
        this.greeting = greeting;
    }

    /**
     * Does it, and says so.
     *
     * @throws Misuse if it cannot be done now
     * @throws Refusal if AWS does not do it
     */
    void carryOut(Command command, Sight sight, Instant now) throws Misuse {
        if (command instanceof OnNode onNode) {
            carryOut(onNode, sight, now);
        } else if (command instanceof Command.Add) {
            setCapacity(cloud.desired() + 1, now);
        } else if (command instanceof Command.Capacity capacity) {
            setCapacity(capacity.instances(), now);
        } else if (command instanceof Command.Refresh) {
            terminal.tell(now, "> refresh: all instances are replaced, one after the other");
            cloud.refresh();
        } else if (command instanceof Command.Say say) {
            terminal.tell(now, "== " + say.text());
        } else if (command instanceof Command.Show) {
            terminal.print(Screen.state(sight));
        } else if (command instanceof Command.Help) {
            terminal.print(Stream.concat(CommandParser.help().stream(), Stream.of("There is " + greeting + "."))
                    .toList());
        } else {
            throw new Misuse("that is for scripts");
        }
    }

    private void setCapacity(int instances, Instant now) {
        terminal.tell(now, "> the group's desired capacity is set to " + instances);
        cloud.setDesired(instances);
    }

    private void carryOut(OnNode command, Sight sight, Instant now) throws Misuse {
        NodeSight node = sight.find(command.node())
                .orElseThrow(() -> new Misuse("there is no node '" + command.node() + "' in the group now"));
        check(command.deed(), node);
        CloudInstance instance = node.instance();
        if (command.deed() != Deed.LOG) {
            terminal.tell(now, "> " + verb(command.deed()) + " " + node.name());
        }
        switch (command.deed()) {
            case TERMINATE -> cloud.retire(instance.id());
            case LOSE -> cloud.lose(instance.id());
            case CUT -> network.cutOff(instance.id());
            case HEAL -> network.heal(instance.id());
            default -> onMachine(command.deed(), instance);
        }
    }

    /** What would have no effect is not done. */
    static void check(Deed deed, NodeSight node) throws Misuse {
        String verb = verb(deed);
        switch (deed) {
            case KILL, HANG -> {
                if (!node.hasEtcd()) {
                    throw new Misuse("cannot " + verb + " etcd of " + node.name() + ": it does not run");
                }
            }
            case RESUME -> {
                if (node.machine().filter(EtcdState.HANGS::equals).isEmpty()) {
                    throw new Misuse("cannot resume etcd of " + node.name() + ": it does not hang");
                }
            }
            case HEAL -> {
                if (!node.cutOff()) {
                    throw new Misuse("cannot heal " + node.name() + ": it is not cut off");
                }
            }
            case WIPE, LOG -> {
                if (node.machine().isEmpty()) {
                    throw new Misuse("cannot " + verb + " " + node.name() + ": its machine does not run");
                }
            }
            case CUT -> {
                if (!SocketOwners.areKnown()) {
                    throw new Misuse(
                            "cannot cut off nodes: this system does not tell whose a connection is; Linux does");
                }
            }
            case TERMINATE, LOSE -> {}
        }
    }

    private static String verb(Deed deed) {
        return deed.name().toLowerCase(Locale.ROOT);
    }

    private void onMachine(Deed deed, CloudInstance instance) {
        machines.with(instance.id(), machine -> action(deed).accept(machine));
    }

    private Consumer<Machine> action(Deed deed) {
        return switch (deed) {
            case KILL -> Machine::killEtcd;
            case HANG -> Machine::hang;
            case RESUME -> Machine::resume;
            case WIPE -> Machine::wipe;
            case LOG -> machine -> terminal.print(machine.logs(LOG_LINES));
            case CUT, HEAL, TERMINATE, LOSE -> throw new IllegalArgumentException(deed + " is not done to a machine");
        };
    }
}
