namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The retained messages a subscription has still to bring: its place among the topics, which costs the same whatever it matches. Of the
/// one that sends.
/// </summary>
internal sealed class RetainedRun(Subscription subscription)
{
    private byte[] _at = RetainedStore.PrefixOf(subscription.Filter).ToArray();
    private bool _isAfter;
    private byte[]? _next;

    public Subscription Subscription => subscription;

    /// <summary>The next topic; null when there is none any more.</summary>
    public byte[]? Next(RetainedStore store)
    {
        return _next ??= store.Next(subscription.Filter, _at, _isAfter);
    }

    /// <summary>That one is dealt with.</summary>
    public void Passed(byte[] topic)
    {
        _at = topic;
        _isAfter = true;
        _next = null;
    }
}
