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
    /// <summary>The maximum duration of a session.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const string Cookie = "estream-session";

    // With this prefix, browsers refuse a cookie that another host of the domain sets, or that was set without TLS.
    private const string TlsCookie = "__Host-" + Cookie;

    private const int MaxSessions = 1_000;
    private const int MaxSessionsPerToken = 50;
    private const int IdBytes = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Token, DateTimeOffset ExpiresAt)> _sessions = new(StringComparer.Ordinal);

    /// <summary>Returns the name of the cookie for a request.</summary>
    public static string CookieOf(HttpRequest request) => request.IsHttps ? TlsCookie : Cookie;

    /// <summary>Begins a session. A token with too many sessions loses its oldest, not those of other tokens.</summary>
    /// <returns>Its identifier.</returns>
    public string Begin(string token)
    {
        string id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_sessions.Values.Count(session => session.Token == token) >= MaxSessionsPerToken)
            {
                RemoveOldest(token);
            }

            if (_sessions.Count >= MaxSessions)
            {
                RemoveExpired(now);
            }

            if (_sessions.Count >= MaxSessions)
            {
                RemoveOldest(_sessions.Values.CountBy(session => session.Token).MaxBy(tokens => tokens.Value).Key);
            }

            _sessions.Add(id, (token, now + Lifetime));
        }

        return id;
    }

    private void RemoveExpired(DateTimeOffset now)
    {
        foreach (string id in _sessions.Where(session => session.Value.ExpiresAt <= now).Select(session => session.Key).ToArray())
        {
            _sessions.Remove(id);
        }
    }

    private void RemoveOldest(string token) =>
        _sessions.Remove(_sessions.Where(session => session.Value.Token == token).MinBy(session => session.Value.ExpiresAt).Key);

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
