using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>Caches the token file. Checks the file for changes at most twice a second. Thread-safe.</summary>
internal sealed class TokenCache(string file, TimeProvider time)
{
    private static readonly TimeSpan s_recheck = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private AccessTokenFile? _tokens;
    private (DateTime Written, long Length) _seen;

    // Never reset: a user who removes the last token or its file must not get the role of this machine while the host runs.
    private bool _hasTokens;
    private DateTimeOffset _checkedAt;

    /// <summary>Finds the token that a client presents. While the file cannot be read, no token is valid.</summary>
    public bool TryFind(string presented, [NotNullWhen(true)] out AccessToken? token)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            if (Fresh().TryFind(presented, now, out token))
            {
                return true;
            }

            // A token is valid as soon as it is created.
            Refresh();
            return _tokens!.TryFind(presented, now, out token);
        }
    }

    /// <summary>Whether the file has had a token, valid or expired, since this object was created. Also true if
    /// the file could not be read, because such a file may have a token.</summary>
    public bool HasTokens
    {
        get
        {
            lock (_lock)
            {
                _ = Fresh();
                return _hasTokens;
            }
        }
    }

    private AccessTokenFile Fresh()
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_tokens is null || now - _checkedAt >= s_recheck || now < _checkedAt)
        {
            _checkedAt = now;
            Refresh();
        }

        return _tokens!;
    }

    private void Refresh()
    {
        FileInfo info = new(file);
        (DateTime, long) found = info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
        if (_tokens is not null && found == _seen)
        {
            return;
        }

        try
        {
            _tokens = AccessTokenFile.Load(file);
            _seen = found;
            _hasTokens |= _tokens.Tokens.Count > 0;
        }
        catch (EstreamException)
        {
            _tokens = AccessTokenFile.Empty;
            _seen = default;
            _hasTokens = true;
        }
    }
}
