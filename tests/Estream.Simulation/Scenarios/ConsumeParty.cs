using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>A process that appends to the source, or consumes it into the output, or does both; with what it has open, and how far its
/// consumer is.</summary>
/// <param name="process">The first of the processes that come one after the other.</param>
/// <param name="background">Where its queues work in the background.</param>
/// <param name="produces">Whether it appends to the source.</param>
/// <param name="consumer">The number of its consumer; -1 for none.</param>
internal sealed class ConsumeParty(SimulatedProcess process, SimulatedScheduler background, bool produces, int consumer)
{
    public SimulatedProcess Process { get; private set; } = process;

    public SimulatedScheduler Background { get; private set; } = background;

    public bool Produces => produces;

    public bool Consumes => consumer >= 0;

    public int Consumer => consumer;

    public string Name => $"consumer-{consumer}";

    public EstreamQueue? Source { get; set; }

    public QueueAppender? Producer { get; set; }

    public EstreamQueue? Output { get; set; }

    public QueueAppender? Appender { get; set; }

    public QueueTailer? Tailer { get; set; }

    public bool IsOpen => (!Produces || Producer is not null) && (!Consumes || Appender is not null);

    /// <summary>Where its tailer is; what it reads next is not before that.</summary>
    public long Next { get; set; }

    /// <summary>Messages that it counted as consumed without a result.</summary>
    public HashSet<int> Passed { get; } = [];

    /// <summary>Whether those may come again: what says that they were passed may be lost.</summary>
    public bool MayRepeatPassed { get; set; }

    /// <summary>Another process comes in the place of one that died.</summary>
    public void Forget(SimulatedProcess next, SimulatedScheduler background)
    {
        (Process, Background) = (next, background);
        (Source, Producer, Output, Appender, Tailer) = (null, null, null, null, null);
    }

    public void LetTailerGo()
    {
        QueueTailer? tailer = Tailer;
        Tailer = null;
        tailer?.Dispose();
    }

    /// <summary>What refuses stays closed.</summary>
    public void Close()
    {
        (EstreamQueue? source, EstreamQueue? output) = (Source, Output);
        try
        {
            LetTailerGo();
        }
        finally
        {
            (Source, Producer, Output, Appender) = (null, null, null, null);
            output?.Dispose();
            source?.Dispose();
        }
    }
}
