using System.Text;
using Estream.Esf;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Testing;

/// <summary>What dead letters say.</summary>
internal static class TrialRejects
{
    private static readonly EsfField s_reason = DeadLetterMessage.Schema.Fields.First(field => field.Name == "reason");

    public static string ReasonOf(byte[] letter) => s_reason.TryGetBytes(letter, out ReadOnlySpan<byte> reason) ? Encoding.UTF8.GetString(reason) : "";
}
