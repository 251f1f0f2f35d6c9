using System.Security.Cryptography;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// The nonces of the requests for a setup. Each request has one of its own, so a setup tells which request it answers, and how long that
/// took. Not thread-safe; allocates only when a subscriber starts to join.
/// </summary>
internal sealed class JoinRequests
{
    private const int Remembered = 16;

    private readonly long[] _times = new long[Remembered];
    private long _first;
    private long _count;

    public JoinRequests() => Restart();

    /// <summary>The nonce of the last request.</summary>
    public long Last => _first + _count - 1;

    /// <summary>Forgets all requests: setups that answer them are refused.</summary>
    public void Restart()
    {
        _first = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        _count = 0;
    }

    /// <summary>Returns the nonce of a new request.</summary>
    public long Next(long now)
    {
        _times[_count % Remembered] = now;
        return _first + _count++;
    }

    /// <summary>Finds the time of a request. Only the last 16 requests are known.</summary>
    public bool TryGetTime(long nonce, out long time)
    {
        long index = nonce - _first;
        bool isKnown = index >= 0 && index < _count && index >= _count - Remembered;
        time = isKnown ? _times[index % Remembered] : 0;
        return isKnown;
    }
}
