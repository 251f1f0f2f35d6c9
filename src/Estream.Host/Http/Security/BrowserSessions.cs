using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Estream.Host.Http;

/// <summary>
/// The sessions of browsers that signed in with a token. A browser stores a random identifier in a cookie, not the token. Sessions end
/// after twelve hours and when the host stops. Thread-safe.
/// </summary>
internal sealed class BrowserSessions(TimeProvider time)
{
    /// <summary>The name of the cookie.</summary>
    public const string Cookie = "estream-session";

    /// <summary>The maximum duration of a session.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const int MaxSessions = 1_000;
    private const int IdBytes = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Token, DateTimeOffset ExpiresAt)> _sessions = new(StringComparer.Ordinal);

    /// <summary>Begins a session.</summary>
    /// <returns>Its identifier.</returns>
    public string Begin(string token)
    {
        string id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_sessions.Count >= MaxSessions)
            {
                // Make room: remove all expired sessions. If none has expired, remove the session that expires first.
                string[] old = [.. _sessions.Where(session => session.Value.ExpiresAt <= now).Select(session => session.Key)
                    .DefaultIfEmpty(_sessions.MinBy(session => session.Value.ExpiresAt).Key)];
                Array.ForEach(old, key => _sessions.Remove(key));
            }

            _sessions.Add(id, (token, now + Lifetime));
        }

        return id;
    }

    /// <summary>Finds the token that a session began with.</summary>
    public bool TryFind(string id, [NotNullWhen(true)] out string? token)
    {
        lock (_lock)
        {
            bool isFound = _sessions.TryGetValue(id, out (string Token, DateTimeOffset ExpiresAt) session)
                && session.ExpiresAt > time.GetUtcNow();
            token = isFound ? session.Token : null;
            return isFound;
        }
    }

    /// <summary>Ends a session, if there is one.</summary>
    public void End(string id)
    {
        lock (_lock)
        {
            _sessions.Remove(id);
        }
    }
}
