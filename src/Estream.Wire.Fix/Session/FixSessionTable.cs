namespace Estream.Wire.Fix.Session;

/// <summary>The sessions of an acceptor, found by the header of a Logon. Immutable and thread-safe.</summary>
internal sealed class FixSessionTable
{
    private readonly FixSession[] _sessions;

    /// <summary>Creates the table.</summary>
    /// <exception cref="ArgumentException">Two sessions have the same BeginString and CompIDs, or there is no session.</exception>
    public FixSessionTable(IEnumerable<FixSession> sessions)
    {
        _sessions = [.. sessions];
        if (_sessions.Length == 0)
        {
            throw new ArgumentException("An acceptor needs at least one session.", nameof(sessions));
        }

        HashSet<(string, string, string)> names = [];
        foreach (FixSession session in _sessions)
        {
            if (!names.Add((session.Protocol.BeginString, session.SenderCompId, session.TargetCompId)))
            {
                throw new ArgumentException(
                    $"There are two {session.Protocol.BeginString} sessions between {session.SenderCompId} and {session.TargetCompId}.",
                    nameof(sessions));
            }
        }

        MaxMessageBytes = _sessions.Max(session => session.Options.MaxMessageBytes);
        MaxFields = _sessions.Max(session => session.Options.MaxFields);
        LogonTimeoutNanos = _sessions.Max(session => session.Options.LogonTimeoutSeconds) * 1_000_000_000L;
    }

    public IReadOnlyList<FixSession> Sessions => _sessions;

    /// <summary>The largest MaxMessageBytes of all sessions.</summary>
    public int MaxMessageBytes { get; }

    /// <summary>The largest MaxFields of all sessions.</summary>
    public int MaxFields { get; }

    /// <summary>How long a connection may stay without a session: the longest logon timeout of all sessions.</summary>
    public long LogonTimeoutNanos { get; }

    /// <summary>Finds the session that a message is for; null if there is none.</summary>
    public FixSession? Find(in FixMessage message)
    {
        foreach (FixSession session in _sessions)
        {
            if (session.IsFor(message))
            {
                return session;
            }
        }

        return null;
    }
}
