using Estream.Streams.Observing;

namespace Estream.Circuits.Observing;

/// <summary>An output of a running circuit, as seen by observation.</summary>
/// <param name="Name">The name of the output.</param>
/// <param name="Tenant">The tenant that is charged for the output.</param>
/// <param name="Observer">Receives events about its messages.</param>
/// <param name="Maker">Builds its traces.</param>
/// <param name="IsPromised">Whether its messages are timed at every level because the circuit promises a service level.</param>
internal sealed record ObservedOutput(string Name, string Tenant, MessageObserver Observer, TraceMaker Maker, bool IsPromised);
