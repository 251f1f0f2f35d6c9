namespace Estream.Wire.Mqtt.Internal;

/// <summary>What an endpoint holds at one moment.</summary>
/// <param name="Sessions">Its sessions.</param>
/// <param name="Groups">Shared subscriptions.</param>
/// <param name="Backlog">Bytes of the relay that wait for who is furthest behind.</param>
internal readonly record struct EndpointMetrics(SessionMetrics Sessions, int Groups, long Backlog);
