using Estream.Queue;

namespace Estream.Compatibility.Support;

/// <summary>The report about a queue: each message and batch after its append returned, and the positions of the named tailers.</summary>
internal sealed class OldQueue
{
    // How long a tailer may wait for the slot of a dead writer to be reclaimed.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public OldQueue(IReadOnlyList<string> report)
    {
        foreach (string[] line in report.Select(line => line.Split(' ')))
        {
            switch (line[0])
            {
                case "message":
                    long sequence = long.Parse(line[2]);
                    long number = line.Length > 5 ? long.Parse(line[5]) : sequence;
                    Messages.Add(new OldMessage(long.Parse(line[1]), sequence, long.Parse(line[3]), int.Parse(line[4]), number));
                    break;
                case "batch":
                    Batches.Add((long.Parse(line[1]), int.Parse(line[2])));
                    break;
                case "claim":
                    Claims.Add(long.Parse(line[1]));
                    break;
                case "cursor":
                    Cursors.Add(line[1], long.Parse(line[2]));
                    break;
            }
        }

        // A claimed slot precedes later messages but may be reported after them.
        Messages.Sort((one, other) => one.Position.CompareTo(other.Position));
    }

    public List<OldMessage> Messages { get; } = [];

    public Dictionary<string, long> Cursors { get; } = [];

    /// <summary>The positions of batches with several messages, and their message counts.</summary>
    public List<(long Position, int Count)> Batches { get; } = [];

    /// <summary>The positions of claims that were not committed when their writer was killed.</summary>
    public List<long> Claims { get; } = [];

    /// <summary>The messages from a position on, that is, those that retention has not deleted.</summary>
    public IEnumerable<OldMessage> From(long position) => Messages.Where(message => message.Position >= position);

    /// <summary>Reads to the end and expects exactly these messages.</summary>
    public static void AssertReads(QueueTailer tailer, IEnumerable<OldMessage> expected)
    {
        foreach (OldMessage old in expected)
        {
            Assert.True(tailer.TryRead(out QueueMessage message, s_patience), $"message {old.Sequence} is missing");
            Assert.Equal(old.Position, message.Position);
            Assert.Equal(old.Sequence, message.Sequence);
            Assert.Equal(old.Time, message.Time);
            Assert.Equal(old.Length, message.Payload.Length);
            Assert.True(message.Payload.SequenceEqual(SeededBytes.Of(old.Number)), $"message {old.Sequence} at {old.Position} differs");
        }

        Assert.False(tailer.TryRead(out _), "the queue has a message that was never appended");
    }
}

/// <summary>A message as reported; its content is derived from a number (<see cref="SeededBytes"/>), in version 1 its sequence
/// number.</summary>
internal sealed record OldMessage(long Position, long Sequence, long Time, int Length, long Number);
