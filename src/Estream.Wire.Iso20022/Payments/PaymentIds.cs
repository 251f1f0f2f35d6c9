using System.Text.Json;

namespace Estream.Wire.Iso20022.Payments;

/// <summary>The ids of a payment. A status report repeats some of them.</summary>
/// <param name="MessageId">The id of the pacs.008, <c>MsgId</c>.</param>
/// <param name="InstructionId"><c>InstrId</c>; null if there is none.</param>
/// <param name="EndToEndId"><c>EndToEndId</c>.</param>
/// <param name="TransactionId"><c>TxId</c>; null if there is none.</param>
/// <param name="Uetr">The unique end-to-end transaction reference; null if there is none.</param>
internal sealed record PaymentIds(string? MessageId, string? InstructionId, string? EndToEndId, string? TransactionId, string? Uetr)
{
    // The standard requires an EndToEndId, so a payment without one has this text.
    private const string NotProvided = "NOTPROVIDED";

    /// <summary>Whether no id of a report contradicts these ids.</summary>
    public bool Matches(PaymentIds report) =>
        IsSame(report.MessageId, MessageId) && IsSame(report.InstructionId, InstructionId) && IsSame(report.EndToEndId, EndToEndId)
        && IsSame(report.TransactionId, TransactionId) && IsSame(report.Uetr, Uetr, StringComparison.OrdinalIgnoreCase);

    /// <summary>The keys of the payment in an index. An id that is not provided is no key.</summary>
    public IEnumerable<string> Keys()
    {
        (string Kind, string? Id)[] ids =
            [("uetr", Uetr?.ToLowerInvariant()), ("tx", TransactionId), ("instruction", InstructionId), ("endToEnd", EndToEndId)];
        return ids.Where(one => one.Id is not (null or NotProvided)).Select(one => $"{one.Kind} {one.Id}");
    }

    private static bool IsSame(string? reported, string? own, StringComparison comparison = StringComparison.Ordinal) =>
        reported is null or NotProvided || string.Equals(reported, own, comparison);
}

/// <summary>A status that a pacs.002 reports.</summary>
/// <param name="Ids">The ids of the payment, or the id of the message.</param>
/// <param name="Code">The status, such as <c>ACSC</c>; empty if there is none.</param>
/// <param name="IsOfMessage">Whether the status is about all payments of a message.</param>
internal sealed record ReportedStatus(PaymentIds Ids, string Code, bool IsOfMessage);

/// <summary>Reads ids from messages as JSON of their schemas.</summary>
internal static class PaymentReferences
{
    /// <summary>Returns the payments of a pacs.008, in order.</summary>
    public static PaymentIds[] OfTransfer(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        string? id = Text(document.RootElement, "message_id");
        return [.. Items(document.RootElement, "transactions").Select(payment => new PaymentIds(id, Text(payment, "instruction_id"),
            Text(payment, "end_to_end_id"), Text(payment, "transaction_id"), Text(payment, "uetr")))];
    }

    /// <summary>Returns the statuses of a pacs.002: of messages, and of payments.</summary>
    public static ReportedStatus[] OfReport(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement report = document.RootElement;
        ReportedStatus[] groups = [.. Items(report, "groups").Select(group => new ReportedStatus(
            new PaymentIds(Text(group, "original_message_id"), null, null, null, null), Text(group, "status") ?? "", true))];

        // A transaction that names no message belongs to the message of the report, if there is only one.
        string? message = groups.Length == 1 ? groups[0].Ids.MessageId : null;
        return [.. groups, .. Items(report, "transactions").Select(payment => new ReportedStatus(
            new PaymentIds(Text(payment, "original_message_id") ?? message, Text(payment, "original_instruction_id"),
                Text(payment, "original_end_to_end_id"), Text(payment, "original_transaction_id"), Text(payment, "original_uetr")),
            Text(payment, "status") ?? "", false))];
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string member) =>
        parent.TryGetProperty(member, out JsonElement items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static string? Text(JsonElement parent, string member) =>
        parent.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
