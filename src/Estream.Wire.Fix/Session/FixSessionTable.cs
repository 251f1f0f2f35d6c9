namespace Estream.Wire.Fix.Session;

/// <summary>The sessions an acceptor has, found by the header of a Logon. Immutable, thread-safe.</summary>
internal sealed class FixSessionTable
{
    private readonly FixSession[] _sessions;

    /// <exception cref="ArgumentException">Two sessions have the same version and names, or there is none.</exception>
    public FixSessionTable(IEnumerable<FixSession> sessions)
    {
        _sessions = [.. sessions];
        if (_sessions.Length == 0)
        {
            throw new ArgumentException("An acceptor needs a session.", nameof(sessions));
        }

        HashSet<(string, string, string)> names = [];
        foreach (FixSession session in _sessions)
        {
            if (!names.Add((session.Protocol.BeginString, session.SenderCompId, session.TargetCompId)))
            {
                throw new ArgumentException(
                    $"There are two sessions of {session.Protocol.BeginString} between {session.SenderCompId} and {session.TargetCompId}.",
                    nameof(sessions));
            }
        }

        MaxMessageBytes = _sessions.Max(session => session.Options.MaxMessageBytes);
        MaxFields = _sessions.Max(session => session.Options.MaxFields);
        LogonTimeoutNanos = _sessions.Max(session => session.Options.LogonTimeoutSeconds) * 1_000_000_000L;
    }

    public IReadOnlyList<FixSession> Sessions => _sessions;

    /// <summary>The longest message any of them takes.</summary>
    public int MaxMessageBytes { get; }

    /// <summary>The most fields any of them takes.</summary>
    public int MaxFields { get; }

    /// <summary>How long a connection may be without a session.</summary>
    public long LogonTimeoutNanos { get; }

    /// <summary>The session that a message is for, or null.</summary>
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
