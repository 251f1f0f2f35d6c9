using Estream.Queue;

namespace Estream.Compatibility.Support;

/// <summary>What the maker of a queue reported: each message when its append had returned, and where the named readers were.</summary>
internal sealed class OldQueue
{
    public OldQueue(IReadOnlyList<string> report)
    {
        foreach (string[] line in report.Select(line => line.Split(' ')))
        {
            if (line[0] == "message")
            {
                Messages.Add(new OldMessage(long.Parse(line[1]), long.Parse(line[2]), long.Parse(line[3]), int.Parse(line[4])));
            }
            else
            {
                Cursors.Add(line[1], long.Parse(line[2]));
            }
        }
    }

    public List<OldMessage> Messages { get; } = [];

    public Dictionary<string, long> Cursors { get; } = [];

    /// <summary>The messages that were not given up by retention: those from a position on.</summary>
    public IEnumerable<OldMessage> From(long position) => Messages.Where(message => message.Position >= position);

    /// <summary>Reads to the end and expects exactly these messages.</summary>
    public static void AssertReads(QueueTailer tailer, IEnumerable<OldMessage> expected)
    {
        foreach (OldMessage old in expected)
        {
            Assert.True(tailer.TryRead(out QueueMessage message), $"message {old.Sequence} is missing");
            Assert.Equal(old.Position, message.Position);
            Assert.Equal(old.Sequence, message.Sequence);
            Assert.Equal(old.Time, message.Time);
            Assert.Equal(old.Length, message.Payload.Length);
            Assert.True(message.Payload.SequenceEqual(SeededBytes.Of(old.Sequence)), $"message {old.Sequence} at {old.Position} differs");
        }

        Assert.False(tailer.TryRead(out _), "there is a message that was never appended");
    }
}

/// <summary>A message as it was reported; its bytes follow from its number (<see cref="SeededBytes"/>).</summary>
internal sealed record OldMessage(long Position, long Sequence, long Time, int Length);
