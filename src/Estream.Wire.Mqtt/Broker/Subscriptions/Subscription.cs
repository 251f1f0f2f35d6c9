using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>One topic filter of a session, with what was asked of it.</summary>
/// <param name="Filter">The filter, byte for byte.</param>
/// <param name="Options">The byte behind it in the SUBSCRIBE.</param>
/// <param name="Identifier">The Subscription Identifier; 0 where none was given.</param>
/// <param name="From">The position in the relay from which on messages are for it.</param>
internal sealed record Subscription(byte[] Filter, SubscriptionOptions Options, uint Identifier, long From);
