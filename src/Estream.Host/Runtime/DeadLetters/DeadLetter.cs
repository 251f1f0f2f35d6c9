using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>A message of the schema estream.system.DeadLetter.</summary>
/// <param name="Source">The adapter, pipeline or circuit that refused the message, or <c>client</c>.</param>
/// <param name="Topic">The topic of the message, or its queue.</param>
/// <param name="Reason">Why the message was refused.</param>
/// <param name="Payload">The message; empty if it was not kept.</param>
/// <param name="ReceivedAt">When the message arrived, in nanoseconds since 1970-01-01 UTC.</param>
internal sealed record DeadLetter(string Source, string Topic, string Reason, byte[] Payload, long ReceivedAt)
{
    // DeadLetterSink notes in the reason that it has stored only a part.
    private const string PartOfMessage = "(only the first ";

    /// <summary>Why the message cannot be stored again; null if the dead letter contains the whole message.</summary>
    public string? WhyIncomplete => Payload.Length == 0 ? "the dead letter does not contain the message"
        : Reason.Contains(PartOfMessage, StringComparison.Ordinal) ? "the dead letter contains only a part of the message"
        : null;

    /// <summary>Reads a message of the schema.</summary>
    public static DeadLetter Read(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        ArrayBufferWriter<byte> text = new();
        EsfStatus status = EsfJson.WriteJson(schema, message, text);
        if (!status.IsOk)
        {
            return new DeadLetter("", "", status.ToString(), [], ReceivedAt: 0);
        }

        using JsonDocument document = JsonDocument.Parse(text.WrittenMemory);
        JsonElement deadLetter = document.RootElement;
        return new DeadLetter(deadLetter.GetProperty("source").GetString()!, deadLetter.GetProperty("topic").GetString()!,
            deadLetter.GetProperty("reason").GetString()!, Convert.FromHexString(deadLetter.GetProperty("payload").GetString()!),
            deadLetter.GetProperty("received_at").GetInt64());
    }

    /// <summary>The topic in UTF-8.</summary>
    public byte[] TopicBytes => Encoding.UTF8.GetBytes(Topic);
}
