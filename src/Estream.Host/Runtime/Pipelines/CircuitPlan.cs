using Estream.Circuits;

namespace Estream.Host.Runtime;

/// <summary>One circuit to be run, and who is charged for it.</summary>
internal sealed record CircuitPlan(Circuit Circuit, string Tenant);
