using System.Net;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Tests.Authentication;

/// <summary>Goal: a client that guesses passwords does not prevent a fleet from logging in.</summary>
public sealed class PasswordGateTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly IPAddress s_guesser = IPAddress.Parse("203.0.113.9");

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Addresses_take_turns_even_when_many_wait_at_one_address()
    {
        PasswordGate gate = new(1, _clock);
        Assert.True(await gate.EnterAsync(s_guesser, s_limit, CancellationToken.None));
        Task<bool>[] guesses = [.. Enumerable.Range(0, 500).Select(_ => gate.EnterAsync(s_guesser, s_limit, CancellationToken.None))];
        Task<bool>[] fleet =
            [.. Enumerable.Range(0, 100).Select(device => gate.EnterAsync(Device(device), s_limit, CancellationToken.None))];

        // A device waits for at most one guess, not for all that were queued before it.
        for (int turn = 0; turn < 101; turn++)
        {
            gate.Exit();
        }

        await Task.WhenAll(fleet);
        Eventually.True(() => guesses.Count(guess => guess.IsCompleted) == 1, "one guess was admitted");
    }

    [Fact]
    public async Task Address_with_wrong_passwords_waits_longer_but_is_served()
    {
        PasswordGate gate = new(1, _clock);
        for (int count = 0; count < 3; count++)
        {
            gate.CountFailure(s_guesser);
        }

        Assert.True(await gate.EnterAsync(s_guesser, s_limit, CancellationToken.None));
        Task<bool>[] guesses = [.. Enumerable.Range(0, 100).Select(_ => gate.EnterAsync(s_guesser, s_limit, CancellationToken.None))];
        Task<bool>[] fleet = [.. Enumerable.Range(0, 100).Select(_ => gate.EnterAsync(Device(1), s_limit, CancellationToken.None))];
        for (int turn = 0; turn < 100; turn++)
        {
            gate.Exit();
        }

        Eventually.True(() => fleet.Count(login => login.IsCompleted) + guesses.Count(guess => guess.IsCompleted) == 100,
            "100 have had turns");
        Assert.Equal(75, fleet.Count(login => login.IsCompleted));
    }

    [Fact]
    public void Failures_count_for_one_minute_and_per_IPv6_network()
    {
        PasswordGate gate = new(1, _clock);
        gate.CountFailure(IPAddress.Parse("2001:db8::1"));
        gate.CountFailure(IPAddress.Parse("2001:db8::2"));
        gate.CountFailure(IPAddress.Parse("::ffff:203.0.113.9"));

        Assert.Equal(2, gate.FailuresOf(IPAddress.Parse("2001:db8::3")));
        Assert.Equal(0, gate.FailuresOf(IPAddress.Parse("2001:db8:0:1::3")));
        Assert.Equal(1, gate.FailuresOf(s_guesser));
        _clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(0, gate.FailuresOf(IPAddress.Parse("2001:db8::3")));
    }

    [Fact]
    public async Task Slot_of_an_abandoned_wait_goes_to_the_next_waiter()
    {
        PasswordGate gate = new(1, _clock);
        Assert.True(await gate.EnterAsync(Device(1), s_limit, CancellationToken.None));
        Assert.False(await gate.EnterAsync(Device(2), TimeSpan.Zero, CancellationToken.None));
        using CancellationTokenSource leaving = new();
        Task<bool> left = gate.EnterAsync(Device(3), s_limit, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        gate.Exit();

        Assert.True(await gate.EnterAsync(Device(4), TimeSpan.Zero, CancellationToken.None));
    }

    private static IPAddress Device(int number) => new([10, 0, (byte)(number >> 8), (byte)number]);
}
