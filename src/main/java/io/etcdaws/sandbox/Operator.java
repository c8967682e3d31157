package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Command.Deed;
import io.etcdaws.sandbox.Command.OnNode;
import io.etcdaws.sandbox.aws.Cloud;
import io.etcdaws.sandbox.aws.CloudInstance;
import io.etcdaws.sandbox.aws.Refusal;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Carries out commands. */
final class Operator {
    /** How many lines of each log are shown. */
    private static final int LOG_LINES = 12;

    private final Cloud cloud;
    private final Machines machines;
    private final Network network;
    private final Terminal terminal;

    Operator(Cloud cloud, Machines machines, Network network, Terminal terminal) {
        this.cloud = cloud;
        this.machines = machines;
        this.network = network;
        this.terminal = terminal;
    }

    /** Does it, and says so. What cannot be done is said, too. */
    void carryOut(Command command, Sight sight, Instant now) {
        try {
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
                terminal.print(CommandParser.help());
            } else {
                terminal.print(List.of("that is for scripts"));
            }
        } catch (Refusal refusal) {
            terminal.tell(now, "AWS refuses: " + refusal.getMessage());
        }
    }

    private void setCapacity(int instances, Instant now) {
        terminal.tell(now, "> the group's desired capacity is set to " + instances);
        cloud.setDesired(instances);
    }

    private void carryOut(OnNode command, Sight sight, Instant now) {
        Optional<NodeSight> node = sight.find(command.node());
        if (node.isEmpty()) {
            terminal.print(List.of("there is no node '" + command.node() + "' in the group now"));
            return;
        }
        CloudInstance instance = node.get().instance();
        if (command.deed() != Deed.LOG) {
            terminal.tell(
                    now,
                    "> " + command.deed().name().toLowerCase(Locale.ROOT) + " "
                            + node.get().name());
        }
        switch (command.deed()) {
            case TERMINATE -> cloud.retire(instance.id());
            case LOSE -> cloud.lose(instance.id());
            case CUT -> cut(instance);
            case HEAL -> network.heal(instance.id());
            default -> onMachine(command.deed(), instance);
        }
    }

    private void cut(CloudInstance instance) {
        if (SocketOwners.areKnown()) {
            network.cutOff(instance.id());
        } else {
            terminal.print(List.of(
                    "this system does not tell whose a connection is, so nodes cannot be cut off; Linux" + " does"));
        }
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
