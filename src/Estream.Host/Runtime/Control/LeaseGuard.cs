namespace Estream.Host.Runtime;

/// <summary>
/// Reports that an active host has not held its lease for five seconds, or does not hold it at the first check: another host may be active.
/// The host then must not acknowledge messages, poll devices or answer with its last values. Not thread-safe.
/// </summary>
/// <param name="name">The lease, for the message.</param>
/// <param name="isHeld">Whether this host holds the lease now.</param>
/// <param name="lost">Gets the reason, once.</param>
/// <param name="time">The clock.</param>
internal sealed class LeaseGuard(string name, Func<bool> isHeld, Action<string> lost, TimeProvider time)
{
    /// <summary>How long an active host may be without its lease.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private long? _heldAt;
    private volatile bool _isLost;

    /// <summary>Whether the loss was reported. Thread-safe.</summary>
    public bool IsLost => _isLost;

    /// <summary>Called once a second.</summary>
    public void Check()
    {
        if (isHeld())
        {
            _heldAt = time.GetTimestamp();
        }
        else if (!_isLost && (_heldAt is not { } held || time.GetElapsedTime(held) >= Limit))
        {
            _isLost = true;
            string what = _heldAt is null
                ? $"lost the lease '{name}' before its adapters started"
                : $"has not held the lease '{name}' for {Limit.TotalSeconds} s";
            lost($"The host {what}, so another host may be active. Check the brokers and the network.");
        }
    }
}
