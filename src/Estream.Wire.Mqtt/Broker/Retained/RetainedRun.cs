namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The retained messages still to be sent for a subscription: a position in the order of topics, so its size does not depend on the number
/// of matches. Only the sending task advances the position.
/// </summary>
/// <param name="subscription">The subscription.</param>
/// <param name="puts">The number of puts when the run began. The relay delivers messages that are put later.</param>
internal sealed class RetainedRun(Subscription subscription, long puts)
{
    private byte[] _at = RetainedStore.PrefixOf(subscription.Filter).ToArray();
    private bool _isAfter;
    private byte[]? _next;

    public Subscription Subscription => subscription;

    /// <summary>The number of puts when the run began.</summary>
    public long Began { get; } = puts;

    /// <summary>The number of puts up to which the run sends messages: when the run began or, later, when the client reconnected. The relay
    /// does not deliver QoS 0 messages that were published while the client was disconnected, so the run sends them.</summary>
    public long Puts { get; set; } = puts;

    /// <summary>Returns the next topic; null if there is none.</summary>
    public byte[]? Next(RetainedStore store)
    {
        while (_next is null && !store.TryNext(subscription.Filter, ref _at, ref _isAfter, Puts, out _next))
        {
        }

        return _next;
    }

    /// <summary>Marks a topic as done.</summary>
    public void Passed(byte[] topic)
    {
        _at = topic;
        _isAfter = true;
        _next = null;
    }
}
