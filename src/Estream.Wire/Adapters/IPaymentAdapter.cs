namespace Estream.Wire;

/// <summary>An adapter that sends payments and shows those that wait for their answer. Thread-safe.</summary>
public interface IPaymentAdapter : IWireAdapter
{
    /// <summary>The number of payments that wait for an answer.</summary>
    int WaitingPaymentCount { get; }

    /// <summary>Returns the payments that wait for an answer, the oldest first.</summary>
    /// <param name="max">The maximum number of payments to return.</param>
    IReadOnlyList<WaitingPayment> GetWaitingPayments(int max);
}

/// <summary>A payment that no report has accepted, rejected or settled, and whose deadline has not passed.</summary>
/// <param name="MessageId">The id of its message.</param>
/// <param name="Index">The number of the payment in the message, from 0.</param>
/// <param name="EndToEndId">The id that the debtor gave the payment; null if there is none.</param>
/// <param name="IsReceived">Whether the peer is known to have the message.</param>
/// <param name="Status">The last status that a report gave, such as <c>PDNG</c>; null if there is none.</param>
/// <param name="RecordedAt">When the payment was recorded, which is before its message was first sent, in nanoseconds since 1970-01-01
/// UTC.</param>
/// <param name="DeadlineAt">When the payment times out, in nanoseconds since 1970-01-01 UTC.</param>
public sealed record WaitingPayment(
    string MessageId, int Index, string? EndToEndId, bool IsReceived, string? Status, long RecordedAt, long DeadlineAt);
