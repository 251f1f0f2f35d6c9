using Estream.Host.Runtime;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: an active host ends when it has not held its lease for five seconds, and only then.</summary>
public sealed class LeaseGuardTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly List<string> _losses = [];

    [Fact]
    public void A_lease_that_is_not_held_for_five_seconds_is_lost_once()
    {
        bool isHeld = true;
        LeaseGuard guard = new("pair", () => isHeld, _losses.Add, _time);
        Pass(guard, 100);
        Assert.Empty(_losses);

        isHeld = false;
        Pass(guard, 4);
        Assert.Empty(_losses);
        Pass(guard, 1);
        Assert.Contains("has not held the lease 'pair' for 5 s", Assert.Single(_losses), StringComparison.Ordinal);
        Pass(guard, 100);
        Assert.Single(_losses);
    }

    [Fact]
    public void A_lease_that_is_held_again_in_time_is_not_lost()
    {
        bool isHeld = true;
        LeaseGuard guard = new("pair", () => isHeld, _losses.Add, _time);
        Pass(guard, 1);
        for (int round = 0; round < 10; round++)
        {
            isHeld = false;
            Pass(guard, 4);
            isHeld = true;
            Pass(guard, 1);
        }

        Assert.Empty(_losses);
    }

    [Fact]
    public void A_lease_that_is_not_held_at_the_first_check_is_lost_at_once()
    {
        new LeaseGuard("pair", () => false, _losses.Add, _time).Check();
        Assert.Contains("lost the lease 'pair' before its adapters started", Assert.Single(_losses), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_was_suspended_and_holds_no_lease_afterwards_has_lost_the_lease()
    {
        bool isHeld = true;
        LeaseGuard guard = new("pair", () => isHeld, _losses.Add, _time);
        Pass(guard, 1);
        isHeld = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        guard.Check();
        Assert.Single(_losses);
    }

    private void Pass(LeaseGuard guard, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _time.Advance(s_second);
            guard.Check();
        }
    }
}
