namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Who is told of the messages in the relay that may be for it: a session, or the members of a shared subscription
/// together.</summary>
internal interface IRelayListener
{
    /// <summary>A message may be for it. Called in the order of the relay.</summary>
    /// <param name="position">Where it lies.</param>
    /// <param name="qos">What it was published with.</param>
    void Offer(long position, MqttQos qos);

    /// <summary>A message that was there before this process may have been for it. Called in the order of the relay, before the first
    /// client is there.</summary>
    void OfferAgain(long position, PublishedRecord.View record);

    /// <summary>Wakes who sends, if a client is there.</summary>
    void Ring();
}
