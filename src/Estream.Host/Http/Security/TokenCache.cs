using Estream.Core;
using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>The token file as it is now: read again at most twice a second, if it has changed. Thread-safe.</summary>
internal sealed class TokenCache(string file, TimeProvider time)
{
    private static readonly TimeSpan s_recheck = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private AccessTokenFile? _tokens;
    private (DateTime Written, long Length) _seen;
    private DateTimeOffset _checkedAt;

    /// <summary>The tokens. If the file cannot be read, nobody has a token until it can.</summary>
    public AccessTokenFile Current
    {
        get
        {
            lock (_lock)
            {
                DateTimeOffset now = time.GetUtcNow();
                if (_tokens is null || now - _checkedAt >= s_recheck || now < _checkedAt)
                {
                    _checkedAt = now;
                    Refresh();
                }

                return _tokens!;
            }
        }
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
        }
        catch (EstreamException)
        {
            _tokens = AccessTokenFile.Empty;
            _seen = default;
        }
    }
}
