using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>A process that appends to the source, consumes it into the output, or both, with its open objects and the position of its
/// consumer.</summary>
/// <param name="process">The first process; others replace it after a death.</param>
/// <param name="background">Runs the background work of its queues.</param>
/// <param name="produces">Whether the process appends to the source.</param>
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

    /// <summary>The source position at or after which the tailer's next message starts.</summary>
    public long Next { get; set; }

    /// <summary>The numbers of the messages that the process consumed without appending a result.</summary>
    public HashSet<int> Passed { get; } = [];

    /// <summary>Whether the messages in <see cref="Passed"/> may be read again, because the record of their consumption may be
    /// lost.</summary>
    public bool MayRepeatPassed { get; set; }

    /// <summary>Replaces the dead process with <paramref name="next"/>.</summary>
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

    /// <summary>Closes all objects. If closing an object throws, the object is not used again.</summary>
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
