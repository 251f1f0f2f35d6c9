using Estream.Circuits;

namespace Estream.Host.Configuration;

/// <summary>One circuit, and who is charged for it.</summary>
internal sealed record CircuitSettings(Circuit Circuit, string Tenant);
