using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>A subscription of a session: one topic filter and its options.</summary>
/// <param name="Filter">The topic filter in UTF-8.</param>
/// <param name="Options">The subscription options.</param>
/// <param name="Identifier">The Subscription Identifier; 0 for none.</param>
/// <param name="From">The position in the relay from which messages belong to the subscription.</param>
internal sealed record Subscription(byte[] Filter, SubscriptionOptions Options, uint Identifier, long From);
