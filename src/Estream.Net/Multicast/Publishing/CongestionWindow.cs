namespace Estream.Net.Multicast.Internal;

/// <summary>
/// The congestion window of CUBIC (RFC 9438), in bytes of addresses: slow start, then growth by a cubic function of the time since the last
/// loss, or by the Reno-friendly estimate if that is faster. Without randomness or clocks. Not thread-safe.
/// </summary>
internal sealed class CongestionWindow
{
    private const double Beta = 0.7;
    private const double C = 0.4;
    private const double NanosPerSecond = 1e9;
    private const long InitialRoundTrip = 100_000_000;

    private readonly double _packet;
    private readonly double _maximum;
    private double _window;
    private double _threshold;
    private double _windowAtLoss;
    private double _estimate;
    private double _offsetSeconds;
    private long _epochStart = -1;
    private long _lossEnd = long.MinValue;

    /// <param name="packetBytes">The size of a packet.</param>
    /// <param name="initialPackets">The initial window in packets.</param>
    /// <param name="maximumBytes">The largest window.</param>
    public CongestionWindow(int packetBytes, int initialPackets, long maximumBytes)
    {
        _packet = packetBytes;
        _maximum = maximumBytes;
        _window = Math.Min((double)packetBytes * initialPackets, maximumBytes);
        _threshold = maximumBytes;
    }

    /// <summary>The window in bytes.</summary>
    public long Bytes => (long)_window;

    /// <summary>The smoothed round trip in nanoseconds (RFC 6298).</summary>
    public long RoundTripNanos { get; private set; } = InitialRoundTrip;

    /// <summary>The number of reductions.</summary>
    public long Losses { get; private set; }

    /// <summary>Takes a measured round trip into account.</summary>
    public void OnRoundTrip(long nanos)
    {
        if (nanos > 0)
        {
            RoundTripNanos = RoundTripNanos == InitialRoundTrip ? nanos : RoundTripNanos + ((nanos - RoundTripNanos) / 8);
        }
    }

    /// <summary>Grows the window for acknowledged bytes.</summary>
    /// <param name="bytes">The bytes that the slowest counted receiver has appended since the last call.</param>
    /// <param name="now">The monotonic time.</param>
    public void OnAcknowledged(long bytes, long now)
    {
        if (_window < _threshold)
        {
            _window = Math.Min(_maximum, Math.Min(_window + bytes, Math.Max(_threshold, _window)));
            return;
        }

        if (_epochStart < 0)
        {
            _epochStart = now;
            _windowAtLoss = Math.Max(_windowAtLoss, _window);
            _estimate = _window;
            _offsetSeconds = Math.Cbrt((_windowAtLoss - _window) / _packet / C);
        }

        double seconds = (now - _epochStart + RoundTripNanos) / NanosPerSecond;
        double cubic = (C * Math.Pow(seconds - _offsetSeconds, 3) * _packet) + _windowAtLoss;
        _estimate += 3 * (1 - Beta) / (1 + Beta) * _packet * bytes / _window;
        double target = Math.Clamp(cubic, _window, 1.5 * _window);
        double grown = _window + ((target - _window) * bytes / _window);
        _window = Math.Min(_maximum, Math.Max(grown, _estimate));
    }

    /// <summary>Reduces the window for a loss, at most once per round trip.</summary>
    public void OnLoss(long now)
    {
        if (now < _lossEnd)
        {
            return;
        }

        Losses++;
        _lossEnd = now + RoundTripNanos;

        // Fast convergence: a flow that lost earlier than last time leaves room to others.
        _windowAtLoss = _window < _windowAtLoss ? _window * (1 + Beta) / 2 : _window;
        _window = Math.Max(2 * _packet, _window * Beta);
        _threshold = _window;
        _epochStart = -1;
    }
}
