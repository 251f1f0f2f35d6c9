using System.Text;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>What dead letters say.</summary>
internal static class TrialRejects
{
    private static readonly EsfField s_reason = Find();

    public static string ReasonOf(byte[] letter) => s_reason.TryGetBytes(letter, out ReadOnlySpan<byte> reason) ? Encoding.UTF8.GetString(reason) : "";

    private static EsfField Find() =>
        EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? schema) && schema.TryGetField("reason", out EsfField? field) ? field : throw new InvalidOperationException("The schema of dead letters is not built in.");
}
