using Estream.Host.Runtime;

namespace Estream.Host.Tests.Runtime.Alerts;

/// <summary>Goal: an alert fires when its value is wrong for long enough, and a value that swings does not start it again and
/// again.</summary>
public sealed class AlertStateTests
{
    private const long NanosPerSecond = 1_000_000_000;

    private readonly AlertState _alert = new(new AlertRule("hot", "host/cpu", IsAbove: true, 80, ForSeconds: 3, "critical"));
    private long _second;

    [Fact]
    public void An_alert_is_pending_until_the_value_was_wrong_for_long_enough()
    {
        Assert.Equal(["ok", "pending", "pending", "pending", "firing!", "firing"], Take(80, 81, 82, 83, 84, 85));
        Assert.Equal(4_000, _alert.SinceMs);
    }

    [Fact]
    public void A_value_that_is_right_again_ends_the_wait()
    {
        Assert.Equal(["ok", "pending", "pending", "ok", "pending", "pending", "pending", "firing!"],
            Take(0, 81, 81, 80, 81, 81, 81, 81));
    }

    [Fact]
    public void A_firing_alert_ends_when_the_value_was_right_for_ten_seconds()
    {
        _ = Take(0, 81, 81, 81, 81);
        Assert.All(Take(Enumerable.Repeat(0.0, 10).ToArray()), state => Assert.Equal("firing", state));
        Assert.Equal(["ok!", "ok"], Take(0, 0));
    }

    [Fact]
    public void A_value_that_swings_changes_nothing()
    {
        _ = Take(0, 81, 81, 81, 81);

        Assert.All(Take([.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 0.0 : 90.0)]), state => Assert.Equal("firing", state));
    }

    [Fact]
    public void A_series_without_a_value_for_ten_seconds_is_unknown()
    {
        Assert.All(Take(Enumerable.Repeat(double.NaN, 20).ToArray()), state => Assert.Equal("unknown", state));
        Assert.Equal(["ok"], Take(0));
        Assert.All(Take(Enumerable.Repeat(double.NaN, 10).ToArray()), state => Assert.Equal("ok", state));
        Assert.Equal(["unknown!", "unknown"], Take(double.NaN, double.NaN));
        Assert.Equal(["ok!"], Take(0));
    }

    [Fact]
    public void An_alert_of_an_earlier_run_of_the_host_ends_in_this_one()
    {
        _alert.Resume(AlertState.Firing, sinceMs: 7);

        Assert.Equal("firing", Take(90).Single());
        Assert.Equal(7, _alert.SinceMs);
        Assert.Equal("ok!", Take(Enumerable.Repeat(0.0, 11).ToArray())[^1]);
    }

    [Fact]
    public void A_rule_may_watch_for_values_below()
    {
        AlertState low = new(new AlertRule("low", "host/disk-free", IsAbove: false, 5, ForSeconds: 0, "warning"));

        Assert.Null(low.Take(5, 0, 0));
        Assert.Equal(AlertState.Firing, low.Take(4.9, 1, 1));
    }

    // A mark follows the states that are recorded. Not a number stands for no value.
    private string[] Take(params double[] values) =>
    [
        .. values.Select(value =>
        {
            long nanos = _second++ * NanosPerSecond;
            string? recorded = _alert.Take(double.IsNaN(value) ? null : value, nanos, nanos);
            Assert.True(recorded is null || recorded == _alert.State);
            return _alert.State + (recorded is null ? "" : "!");
        }),
    ];
}
