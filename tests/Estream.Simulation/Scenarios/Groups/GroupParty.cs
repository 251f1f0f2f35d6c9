using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>A process of a <see cref="GroupScenario"/>: the producer, or a member of the group, with its open objects.</summary>
/// <param name="process">The first process; others replace it after a death.</param>
/// <param name="background">Runs the background work of its queues.</param>
internal sealed class GroupParty(SimulatedProcess process, SimulatedScheduler background)
{
    public SimulatedProcess Process { get; private set; } = process;

    public SimulatedScheduler Background { get; private set; } = background;

    public PartitionedQueue? Source { get; set; }

    public PartitionedAppender? Producer { get; set; }

    public EstreamQueue? Output { get; set; }

    public QueueAppender? Appender { get; set; }

    public GroupMember? Member { get; set; }

    /// <summary>Replaces the dead process with <paramref name="next"/>.</summary>
    public void Forget(SimulatedProcess next, SimulatedScheduler nextBackground)
    {
        (Process, Background) = (next, nextBackground);
        (Source, Producer, Output, Appender, Member) = (null, null, null, null, null);
    }

    /// <summary>Closes all objects in an order that leaves nothing behind.</summary>
    public void Close()
    {
        Member?.Dispose();
        Producer?.Dispose();
        Output?.Dispose();
        Source?.Dispose();
        (Source, Producer, Output, Appender, Member) = (null, null, null, null, null);
    }
}
