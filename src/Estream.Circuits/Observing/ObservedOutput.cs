using Estream.Streams.Observing;

namespace Estream.Circuits.Observing;

/// <summary>An output of a running circuit, as it is looked at.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tenant">Who is charged for it.</param>
/// <param name="Observer">Is told of its messages.</param>
/// <param name="Maker">Makes its traces.</param>
/// <param name="IsPromised">Whether its messages are timed whatever is asked for, since the circuit promises something.</param>
internal sealed record ObservedOutput(string Name, string Tenant, MessageObserver Observer, TraceMaker Maker, bool IsPromised);
