using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Estream.Wire.Iso20022.Payments;

/// <summary>The state of a payment that a client has sent.</summary>
internal enum PaymentState
{
    /// <summary>Recorded before it was sent; no report has decided about the payment.</summary>
    [JsonStringEnumMemberName("sent")]
    Sent,

    /// <summary>A report accepts the payment, and it is not settled.</summary>
    [JsonStringEnumMemberName("accepted")]
    Accepted,

    /// <summary>A report rejects the payment, or the peer rejected its message. Final.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>A report says that the payment is settled. Final.</summary>
    [JsonStringEnumMemberName("settled")]
    Settled,

    /// <summary>No report has decided about the payment before the deadline. A late report still changes the state.</summary>
    [JsonStringEnumMemberName("timedOut")]
    TimedOut,
}

/// <summary>An entry of the map of payments. Immutable.</summary>
/// <param name="MessageId">The id of the message.</param>
/// <param name="Index">The number of the payment in the message, from 0.</param>
/// <param name="Count">The number of payments in the message.</param>
/// <param name="InstructionId"><c>InstrId</c>; null if there is none.</param>
/// <param name="EndToEndId"><c>EndToEndId</c>.</param>
/// <param name="TransactionId"><c>TxId</c>; null if there is none.</param>
/// <param name="Uetr">The UETR; null if there is none.</param>
/// <param name="State">The state.</param>
/// <param name="Status">The last status code of a report, such as <c>ACSC</c>, or <c>admi.002</c>; null if there is none.</param>
/// <param name="Digest">The SHA-256 of the message in hexadecimal.</param>
/// <param name="RecordedNanos">When the payment was recorded, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="DeadlineNanos">When the message is no longer sent and the payment times out.</param>
/// <param name="ChangedNanos">When the state or the status changed last.</param>
internal sealed record PaymentEntry(
    string MessageId, int Index, int Count, string? InstructionId, string? EndToEndId, string? TransactionId, string? Uetr,
    PaymentState State, string? Status, string Digest, long RecordedNanos, long DeadlineNanos, long ChangedNanos)
{
    /// <summary>Whether the peer is known to have the message. Then the message is not sent again.</summary>
    public bool IsReceived { get; init; }

    /// <summary>The ids of the payment.</summary>
    [JsonIgnore]
    public PaymentIds Ids { get; } = new(MessageId, InstructionId, EndToEndId, TransactionId, Uetr);

    /// <summary>The key of the entry.</summary>
    [JsonIgnore]
    public byte[] Key => Encoding.UTF8.GetBytes($"{MessageId}/{Index}");

    /// <summary>The entry as stored in the map: JSON in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PaymentJson.Default.PaymentEntry);

    /// <summary>Reads a stored entry.</summary>
    public static PaymentEntry Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, PaymentJson.Default.PaymentEntry)!;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PaymentEntry))]
internal sealed partial class PaymentJson : JsonSerializerContext;
