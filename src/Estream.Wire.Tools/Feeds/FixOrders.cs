using System.Globalization;
using Estream.Core;
using Estream.Wire.Fix;

namespace Estream.Wire.Tools.Feeds;

/// <summary>The orders of a simulated desk: NewOrderSingle with limit prices that vary slowly. Order ids differ between
/// runs.</summary>
internal sealed class FixOrders
{
    private static readonly (string Symbol, long Cents)[] s_instruments =
        [("ACME", 10_825), ("BOLT", 4_210), ("CRUX", 98_700), ("DYNE", 1_530)];

    private readonly IClock _clock;
    private readonly string _run;
    private readonly bool _saysHowToHandle;
    private readonly FixMessageBuilder _message = new("D");

    public FixOrders(FixProtocol protocol, IClock clock)
    {
        _clock = clock;
        _run = (clock.UtcNanos / 1_000_000).ToString("x", CultureInfo.InvariantCulture);
        _saysHowToHandle = protocol == FixProtocol.Fix42;
    }

    /// <summary>The n-th order; valid until the next call.</summary>
    public FixMessageBuilder Make(long number)
    {
        (string symbol, long cents) = s_instruments[number % s_instruments.Length];
        long limit = cents + (long)(cents * 0.01 * Math.Sin(number / 40.0));
        _message.Clear("D").Add(11, string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}"));
        if (_saysHowToHandle)
        {
            _message.Add(21, "1");
        }

        return _message.Add(55, symbol).Add(54, number % 2 == 0 ? "1" : "2").AddTime(60, _clock.UtcNanos)
            .Add(38, 100 * (1 + (number % 9))).Add(40, "2").AddFixed(44, limit, 2).Add(59, "0");
    }
}
