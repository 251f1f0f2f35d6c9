namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The retained messages a subscription has still to bring: its place among the topics, which costs the same whatever it matches. Of the
/// one that sends.
/// </summary>
/// <param name="subscription">The subscription.</param>
/// <param name="puts">How many messages had been put when it began: what comes behind them comes by the relay.</param>
internal sealed class RetainedRun(Subscription subscription, long puts)
{
    private byte[] _at = RetainedStore.PrefixOf(subscription.Filter).ToArray();
    private bool _isAfter;
    private byte[]? _next;

    public Subscription Subscription => subscription;

    /// <summary>How many messages had been put when it began.</summary>
    public long Began { get; } = puts;

    /// <summary>How many messages had been put when it began, or when its client came back: what was sent once and never again had nobody
    /// to come to.</summary>
    public long Puts { get; set; } = puts;

    /// <summary>The next topic; null when there is none any more.</summary>
    public byte[]? Next(RetainedStore store)
    {
        while (_next is null && !store.TryNext(subscription.Filter, ref _at, ref _isAfter, Puts, out _next))
        {
        }

        return _next;
    }

    /// <summary>That one is dealt with.</summary>
    public void Passed(byte[] topic)
    {
        _at = topic;
        _isAfter = true;
        _next = null;
    }
}
