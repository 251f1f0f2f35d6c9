using Estream.Esf;

namespace Estream.Wire;

/// <summary>The schemas that cross an adapter.</summary>
/// <param name="Produced">What ingress writes into queues.</param>
/// <param name="Consumed">What egress accepts.</param>
public sealed record AdapterSchemas(IReadOnlyList<EsfSchema> Produced, IReadOnlyList<EsfSchema> Consumed);
