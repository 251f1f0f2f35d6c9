using Estream.Circuits;

namespace Estream.Host.Runtime;

/// <summary>The configuration of a circuit, and the tenant charged for it.</summary>
internal sealed record CircuitPlan(Circuit Circuit, string Tenant);
