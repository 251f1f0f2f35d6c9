namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>What an entry of the session store is about: the first byte of its key. Numbers are kept on disk and never change their
/// meaning.</summary>
internal enum RecordKind : byte
{
    /// <summary>The store itself: which relay its positions are of. No more of a key.</summary>
    Store = 1,

    /// <summary>A session: whose it is, when it ends, its will. The client identifier follows.</summary>
    Terms = 2,

    /// <summary>Its subscriptions.</summary>
    Subscriptions = 3,

    /// <summary>Its place in the relay, and what is under way to its client.</summary>
    Window = 4,

    /// <summary>The messages of QoS 2 its client has published and not released.</summary>
    Incoming = 5,

    /// <summary>A will that is due. Its number follows.</summary>
    Will = 6,

    /// <summary>The place of the members of a shared subscription. Its filter follows.</summary>
    Group = 7,
}
