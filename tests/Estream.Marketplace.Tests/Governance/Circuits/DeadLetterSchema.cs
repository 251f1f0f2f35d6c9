using Estream.Circuits;
using Estream.Esf;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The schema of dead letters.</summary>
internal static class DeadLetterSchema
{
    public static EsfSchema Schema { get; } = EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter)
        ? letter
        : throw new InvalidOperationException("There are no dead letters.");
}
