using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>The stream of a queue: entries in one order, and sessions whose entries arrive late, twice, or not at all. Brokers confirm an
/// entry before they flush it.</summary>
internal sealed class SimulatedBrokers(SeededRandom random)
{
    private readonly List<byte[]> _entries = [];
    private readonly List<Queue<byte[]>> _sessions = [];
    private int _flushed;

    /// <summary>Whether a publisher has created the stream.</summary>
    public bool Exists { get; set; }

    public int Count => _entries.Count;

    public byte[] this[int offset] => (byte[])_entries[offset].Clone();

    private Queue<byte[]>[] Waiting => [.. _sessions.Where(session => session.Count > 0)];

    /// <summary>Opens a session. Earlier sessions may still deliver.</summary>
    public Queue<byte[]> Open()
    {
        Queue<byte[]> session = new();
        _sessions.Add(session);
        return session;
    }

    /// <summary>Lets some entries of a session arrive.</summary>
    public void Deliver()
    {
        if (Waiting is not [_, ..] waiting)
        {
            return;
        }

        Queue<byte[]> session = waiting[random.Below(waiting.Length)];
        for (int count = 1 + random.Below(4); count > 0 && session.TryDequeue(out byte[]? entry); count--)
        {
            _entries.Add(entry);

            // A client library may send an entry twice.
            if (random.Chance(0.05))
            {
                _entries.Add(entry);
            }
        }
    }

    /// <summary>Lets everything arrive.</summary>
    public void DeliverAll()
    {
        foreach (Queue<byte[]> session in _sessions)
        {
            while (session.TryDequeue(out byte[]? entry))
            {
                _entries.Add(entry);
            }
        }
    }

    /// <summary>Loses entries of a session that have not arrived: all of them, or the next one.</summary>
    public void LoseSome()
    {
        if (Waiting is [_, ..] waiting)
        {
            Queue<byte[]> session = waiting[random.Below(waiting.Length)];
            if (random.Chance(0.5))
            {
                session.Clear();
            }
            else
            {
                _ = session.TryDequeue(out _);
            }
        }
    }

    /// <summary>Writes all entries to the disks of the brokers.</summary>
    public void Flush() => _flushed = _entries.Count;

    /// <summary>Cuts the power of all brokers at once: newest entries that were not flushed may be lost.</summary>
    public void CutPower()
    {
        int kept = _flushed + random.Below(_entries.Count - _flushed + 1);
        _entries.RemoveRange(kept, _entries.Count - kept);
        _sessions.Clear();
        _flushed = kept;
    }
}
