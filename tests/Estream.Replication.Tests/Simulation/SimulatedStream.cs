namespace Estream.Replication.Tests.Simulation;

/// <summary>A stream in memory, in one total order, with sessions whose entries arrive late, in order, or not at all.</summary>
internal sealed class SimulatedStream
{
    private readonly List<byte[]> _entries = [];
    private readonly List<Queue<byte[]>> _sessions = [];

    public int Count => _entries.Count;

    public byte[] this[int offset] => (byte[])_entries[offset].Clone();

    /// <summary>Opens a session; its earlier sessions may still deliver.</summary>
    public Queue<byte[]> Open()
    {
        Queue<byte[]> session = new();
        _sessions.Add(session);
        return session;
    }

    /// <summary>Lets some entries of a session arrive.</summary>
    public void Deliver(Random random)
    {
        if (_sessions.Count > 0)
        {
            Queue<byte[]> session = _sessions[random.Next(_sessions.Count)];
            for (int i = random.Next(1, 4); i > 0 && session.TryDequeue(out byte[]? entry); i--)
            {
                _entries.Add(entry);

                // A client library may send an entry twice.
                if (random.Next(20) == 0)
                {
                    _entries.Add(entry);
                }
            }
        }
    }

    /// <summary>Loses entries of a session that have not arrived: all of them, or one in the middle.</summary>
    public void Lose(Random random)
    {
        if (_sessions.Count == 0)
        {
            return;
        }

        int index = random.Next(_sessions.Count);
        Queue<byte[]> session = _sessions[index];
        if (random.Next(2) == 0)
        {
            session.Clear();
        }
        else
        {
            _ = session.TryDequeue(out _);
        }
    }

    /// <summary>Loses the newest entries that have arrived, as a power cut of all brokers does.</summary>
    public void LoseEnd(int entries)
    {
        _entries.RemoveRange(_entries.Count - entries, entries);
        _sessions.Clear();
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
}
