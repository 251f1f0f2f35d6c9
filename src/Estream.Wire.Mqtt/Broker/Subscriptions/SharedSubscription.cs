namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What one session has of a shared subscription.</summary>
internal sealed class SharedSubscription(SharedSubscriptionGroup group, Subscription subscription)
{
    public SharedSubscriptionGroup Group => group;

    /// <summary>The filter behind the name of the group, with what this member has asked of it.</summary>
    public Subscription Subscription => subscription;

    /// <summary>The same as what a message is matched with.</summary>
    public Subscription[] Alone { get; } = [subscription];
}
