namespace Estream.Wire.Mqtt.Internal;

/// <summary>Why a subscriber did not get a message it is subscribed to.</summary>
internal enum DropReason
{
    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>The client takes no packet of that length.</summary>
    TooLarge,

    /// <summary>The client was too slow for what is sent at QoS 0; one for each jump to the newest.</summary>
    Behind,
}
