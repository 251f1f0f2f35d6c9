namespace Estream.Host.Runtime;

/// <summary>
/// Reports that an active host has not held its lease for five seconds: another host may be active. The host then must not acknowledge
/// messages, poll devices or answer with its last values. Not thread-safe.
/// </summary>
/// <param name="name">The lease, for the message.</param>
/// <param name="isHeld">Whether this host holds the lease now.</param>
/// <param name="lost">Gets the reason, once.</param>
/// <param name="time">The clock.</param>
internal sealed class LeaseGuard(string name, Func<bool> isHeld, Action<string> lost, TimeProvider time)
{
    /// <summary>How long an active host may be without its lease.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private long _heldAt = time.GetTimestamp();
    private bool _isLost;

    /// <summary>Called once a second.</summary>
    public void Check()
    {
        if (isHeld())
        {
            _heldAt = time.GetTimestamp();
        }
        else if (!_isLost && time.GetElapsedTime(_heldAt) >= Limit)
        {
            _isLost = true;
            lost($"The host has not held the lease '{name}' for {Limit.TotalSeconds} s, so another host may be active. Check the brokers "
                + "and the network.");
        }
    }
}
